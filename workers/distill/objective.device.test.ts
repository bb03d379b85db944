/** The whole objective and a short run against PyTorch: zoo/reference/distill/make.py. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeLayout, subspacesOf } from '../../core/gates/field.ts';
import { defaultOptions } from '../../core/objective/options.ts';
import type { RunPosition } from '../../core/runs/run-checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { openTinyTrio, runTiny, type TinyTrio } from '../../test/tiny-trio.ts';
import jensenShannon from '../../zoo/reference/jensen-shannon/reference.json';
import { relativeError } from '../backend/reference.ts';
import { computeObjective } from './objective.ts';
import { createStudent } from './student.ts';

/** A step on the software adapter of the tests takes twenty times that of wasm: fewer of them are made there. */
const onWebgpu = inject('device') === 'webgpu';

let trio: TinyTrio;

beforeAll(async () => {
  await startDevice();
  trio = await openTinyTrio();
});

afterAll(() => trio.dispose());

test.each(['whole distributions', 'the most probable tokens, the rest as one'] as const)(
  'with %s: the loss, each of its parts and dL/dg are those of PyTorch',
  async (what) => {
    const { reference, arrays, text, factors, layout } = trio;
    const isWhole = what === 'whole distributions';
    const terms = isWhole
      ? trio.terms(1, 3)
      : trio.terms(1, 3, layout, await trio.teachAll(reference.lumped.k));
    const gates = trio.startGates();
    const student = createStudent(text.linears, factors, gates, reference.options.lambda);
    const { losses, gradient } = await computeObjective(terms, student);
    student.dispose();
    const expected = isWhole ? reference.losses : reference.lumped.losses;
    for (const name of ['distill', 'inject', 'trace', 'composed', 'total'] as const) {
      expect(Math.abs((losses[name] ?? NaN) / expected[name] - 1), name).toBeLessThan(1e-4);
    }
    const byLogit = gradient.map((d, i) => d * (gates[i] ?? 0) * (1 - (gates[i] ?? 0)));
    expect(relativeError(byLogit, arrays(isWhole ? 'dg' : 'dg.lumped').data)).toBeLessThan(1e-3);
  },
);

test('by the Jensen-Shannon divergence: the loss, each of its parts and dL/dg are those of PyTorch in float64', async () => {
  const { text, factors, layout } = trio;
  const { losses: expected, dg } = jensenShannon.objective;
  const terms = trio.terms(1, 3, layout, undefined, { ...defaultOptions, divergence: 'js' });
  const gates = trio.startGates();
  const student = createStudent(text.linears, factors, gates, trio.reference.options.lambda);
  const { losses, gradient } = await computeObjective(terms, student);
  student.dispose();
  for (const name of ['distill', 'inject', 'trace', 'composed', 'total'] as const)
    expect(Math.abs((losses[name] ?? NaN) / expected[name] - 1), name).toBeLessThan(1e-5);
  const byLogit = gradient.map((d, i) => d * (gates[i] ?? 0) * (1 - (gates[i] ?? 0)));
  expect(relativeError(byLogit, dg)).toBeLessThan(1e-5);
});

test('with all tokens but one named, the whole distributions are kept', async () => {
  const { reference, text, factors, layout } = trio;
  const student = createStudent(text.linears, factors, trio.startGates(), reference.options.lambda);
  const { losses } = await computeObjective(trio.terms(1, 3), student);
  expect(
    (await computeObjective(trio.terms(1, 3, layout, await trio.teachAll(text.vocabulary - 1)), student))
      .losses,
  ).toEqual(losses);
  student.dispose();
});

test('under a budget the objective is that of equal gates in the tail, and the tail’s gradient the sum of theirs', async () => {
  const { layout, text, factors } = trio;
  const { lambda } = trio.reference.options;
  for (const k of [1, 5]) {
    const budget = makeLayout(layout.slots, k);
    const gates = Float32Array.from({ length: budget.size }, (_, i) => ((i * 7) % 10) / 10 + 0.05);
    const spread = new Float32Array(layout.size);
    budget.slots.forEach((slot, s) => {
      const { offset, rank } = layout.slots[s] as (typeof layout.slots)[number];
      for (let i = 0; i < rank; i++)
        spread[offset + i] = gates[slot.offset + Math.min(i, slot.gates - 1)] as number;
    });
    const held = await trio.upload(budget);
    expect(held.slots.some(({ tail }) => tail !== null)).toBe(true);
    const [few, many] = [
      createStudent(text.linears, held, gates, lambda),
      createStudent(text.linears, factors, spread, lambda),
    ];
    const [under, whole] = [
      await computeObjective(trio.terms(1, 3, budget), few),
      await computeObjective(trio.terms(1, 3), many),
    ];
    few.dispose();
    many.dispose();
    held.dispose();
    for (const name of ['distill', 'inject', 'trace', 'composed', 'total'] as const)
      expect(under.losses[name], name).toBeCloseTo(whole.losses[name] ?? NaN, 5);
    const summed = budget.slots.flatMap((slot, s) =>
      Array.from({ length: slot.gates }, (_, gate) => {
        const { start, end } = subspacesOf(slot, gate);
        const first = layout.slots[s]?.offset ?? 0;
        return whole.gradient.subarray(first + start, first + end).reduce((sum, d) => sum + d, 0);
      }),
    );
    expect(relativeError(under.gradient, summed)).toBeLessThan(1e-4);
  }
});

test('five steps give the gates of torch.optim.Adam', async () => {
  const { gates } = await runTiny(trio, { seed: 1, batchSize: 3, steps: 5 });
  expect(relativeError(gates, trio.arrays('gates.5').data)).toBeLessThan(1e-3);
});

test('the same seed gives the same gates bit for bit, another seed others', async () => {
  const run = { batchSize: 1, steps: onWebgpu ? 1 : 2 };
  const first = await runTiny(trio, { seed: 7, ...run });
  expect((await runTiny(trio, { seed: 7, ...run })).gates).toEqual(first.gates);
  expect((await runTiny(trio, { seed: 8, ...run })).gates).not.toEqual(first.gates);
});

test('a run that goes on from any step of another has its gates to the end, bit for bit', async () => {
  const run = { seed: 7, batchSize: 1, steps: 5 };
  const positions: RunPosition[] = [];
  const straight = await runTiny(trio, {
    ...run,
    onStep: (_, position) => void (position && positions.push(structuredClone(position))),
  });
  expect(positions.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  // In the first epoch of three items, at its end, and in the second one.
  for (const from of onWebgpu ? [positions[2]] : [positions[0], positions[2], positions[3]])
    expect((await runTiny(trio, { ...run, ...(from && { from }) })).gates).toEqual(straight.gates);
});

const manySteps = onWebgpu ? 6 : 50;

test(`${manySteps} steps leave no tensor behind`, async () => {
  expect((await runTiny(trio, { seed: 3, batchSize: 2, steps: 2 })).left).toBe(0);
  expect((await runTiny(trio, { seed: 3, batchSize: 1, steps: manySteps, terms: 2 })).left).toBe(0);
});
