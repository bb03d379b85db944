/** Another basis from the engine's outside, on the demo trio. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Basis } from '../../../core/gates/basis.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import type { BasisEvent } from '../../../protocol/basis.ts';
import type { RunEvent } from '../../../protocol/events.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import {
  archive,
  asOptions,
  demo,
  engine,
  exported,
  file,
  nothing,
  opening,
  session,
  small,
} from '../testing/demo-engine.node.ts';

const random: Basis = { id: 'random', seed: 3 };
const neurons: Basis = { id: 'neurons', seed: null };
const svd: Basis = { id: 'svd', seed: null };

const setGates = async (values: Float32Array): Promise<void> =>
  engine.setGates(1, { indices: Uint32Array.from(values.keys()), values, locks: null });
const allOnes = async (): Promise<void> => setGates(new Float32Array(session.layout.size).fill(1));

async function merged(lambda = 1): Promise<Checkpoint> {
  await engine.exportMerged('x', await asOptions({ ...session.defaults, lambda }), archive, nothing);
  const files = exported.files.map(({ path, bytes }) => [path, bytes.slice()]);
  return openCheckpoint(memoryFolder('merged', Object.fromEntries(files)));
}

const models = async (): Promise<readonly [Checkpoint, Checkpoint, Checkpoint]> => {
  const open = (role: string) => openCheckpoint(nodeDirectory(`${demo}/${role}`));
  return [await open('vlm'), await open('base'), await open('lrm')];
};

beforeEach(async () => {
  await engine.setBasis('back', svd, nothing);
});

test('the gates start anew, half open; what is told of each matrix is of its pieces, and ‖τ‖ is kept', async () => {
  await allOnes();
  const events: BasisEvent[] = [];
  const now = await engine.setBasis('b', random, (event) => events.push(event));
  expect(now).toMatchObject({ basis: random, layout: session.layout });
  expect(new Set(now.gates.values)).toEqual(new Set([0.5]));
  expect(new Set((await engine.gates()).values)).toEqual(new Set([0.5]));
  const of = (list: readonly { readonly type: string }[]) =>
    list.flatMap((event) =>
      event.type === 'spectrum' ? [(event as BasisEvent & { type: 'spectrum' }).spectrum] : [],
    );
  const [before, after] = [of(opening).filter(({ exact }) => exact), of(events)];
  expect(after).toHaveLength(session.slots.length);
  for (const { slot, singularValues, measures } of after) {
    const exact = before.find((spectrum) => spectrum.slot === slot);
    expect(Math.abs(measures.frobenius / (exact?.measures.frobenius ?? 0) - 1)).toBeLessThan(1e-6);
    expect(singularValues[0]).toBeLessThan(exact?.singularValues[0] ?? 0);
    expect(measures.noiseEdge).toBeNaN();
  }
  const last = events.filter(({ type }) => type === 'progress').at(-1);
  expect(last).toMatchObject({ progress: { stage: 'Changing the basis', done: 28, total: 28, etaMs: 0 } });
});

test('back to the SVD everything is as it was, and nothing is computed', async () => {
  const before = await engine.identify('i', nothing);
  await engine.setBasis('b', random, nothing);
  expect((await engine.identify('i', nothing)).factors).not.toEqual(before.factors);
  const events: BasisEvent[] = [];
  await engine.setBasis('b', svd, (event) => events.push(event));
  expect(events.every(({ type }) => type === 'spectrum')).toBe(true);
  expect((await engine.identify('i', nothing)).factors).toEqual(before.factors);
});

test('with every gate 1 it is task arithmetic, within a rounding of float16, and the card names the basis', async () => {
  await engine.setBasis('b', random, nothing);
  await allOnes();
  const found = await merged();
  const [vlm, base, lrm] = await models();
  for (const { tensors } of session.slots) {
    const [v, b, l] = await Promise.all([
      vlm.readFloat32(tensors.vlm),
      base.readFloat32(tensors.base),
      lrm.readFloat32(tensors.lrm),
    ]);
    let worst = 0;
    (await found.readFloat32(tensors.vlm)).forEach((value, i) => {
      const expected = (v[i] ?? 0) + (l[i] ?? 0) - (b[i] ?? 0);
      worst = Math.max(worst, Math.abs(value - expected) / Math.max(2 ** -6, Math.abs(expected)));
    });
    expect(worst, tensors.vlm).toBeLessThan(2 ** -10);
  }
  const card = new TextDecoder().decode(file('README.md'));
  expect(card).toContain('| basis | random orthonormal directions (seed 3) |');
  expect(card).toContain('in another basis than its SVD');
  expect(card).not.toContain('thin SVD');
  expect(parseRecipe(new TextDecoder().decode(file('recipe.json'))).basis).toEqual(random);
});

test('a gate of a neuron multiplies its row, or its column where there are fewer of those', async () => {
  await engine.setBasis('b', neurons, nothing);
  await setGates(new Float32Array(session.layout.size));
  const [vlm, base, lrm] = await models();
  const chosen = ['k_proj', 'up_proj', 'down_proj'].map((name) =>
    session.slots.findIndex(({ id }) => id.endsWith(name)),
  );
  const values = new Float32Array(session.layout.size);
  for (const index of chosen) values[session.layout.slots[index]?.offset ?? 0] = 1;
  await setGates(values);
  const found = await merged();
  for (const index of chosen) {
    const slot = session.slots[index];
    if (!slot) throw new Error('no such layer');
    const [rows, columns] = slot.shape;
    const [v, b, l] = await Promise.all([
      vlm.readFloat32(slot.tensors.vlm),
      base.readFloat32(slot.tensors.base),
      lrm.readFloat32(slot.tensors.lrm),
    ]);
    const byRow = rows < columns;
    const norms = new Float64Array(byRow ? rows : columns);
    l.forEach((value, i) => {
      const at = byRow ? Math.floor(i / columns) : i % columns;
      norms[at] = (norms[at] ?? 0) + (value - (b[i] ?? 0)) ** 2;
    });
    const strongest = norms.indexOf(Math.max(...norms));
    const merge = await found.readFloat32(slot.tensors.vlm);
    let worst = 0;
    merge.forEach((value, i) => {
      const at = byRow ? Math.floor(i / columns) : i % columns;
      const expected = (v[i] ?? 0) + (at === strongest ? (l[i] ?? 0) - (b[i] ?? 0) : 0);
      worst = Math.max(worst, Math.abs(value - expected) / Math.max(2 ** -10, Math.abs(expected)));
    });
    expect(worst, slot.id).toBeLessThan(2 ** -10);
  }
});

test('a run learns on the pieces; the recipe names the basis, and its figures are of no other', async () => {
  const losses = async (): Promise<number | undefined> => {
    const events: RunEvent[] = [];
    await engine.distill('d', small({ steps: 1 }), (event) => events.push(event));
    return events.flatMap((event) => (event.type === 'step' ? [event.losses.inject ?? NaN] : []))[0];
  };
  const inSvd = await losses();
  await engine.setBasis('b', random, nothing);
  const drawn = await losses();
  // Half of every strength: Σ ‖gate ⊙ s‖² is the same in every basis.
  expect(Math.abs((drawn ?? NaN) - (inSvd ?? NaN))).toBeLessThan(1e-6);
  expect((await engine.gates()).values.some((gate) => gate !== 0.5)).toBe(true);

  const { gates, run } = await asOptions(small());
  const recipe = parseRecipe(await engine.recipe('r', { run, gates }, nothing));
  expect(recipe).toMatchObject({ basis: random, run: { steps: 1 } });
  await engine.setBasis('b', svd, nothing);
  await setGates(gates.values);
  const here = parseRecipe(await engine.recipe('r', { run, gates, applied: recipe }, nothing));
  expect(here).toMatchObject({ basis: svd, run: null });
});

describe('what stays as it was', () => {
  test('a budget; and the same basis again changes no gate', async () => {
    const { layout } = await engine.setBudget('k', 16);
    const now = await engine.setBasis('b', neurons, nothing);
    expect(now.layout).toEqual(layout);
    const values = new Float32Array(layout.size).fill(0.25);
    await setGates(values);
    expect((await engine.setBasis('b', neurons, nothing)).gates.values).toEqual(values);
    await engine.setBudget('k', null);
  });

  test('all of it, where the change is cancelled, is of no basis, or comes during a run', async () => {
    await engine.setBasis('b', neurons, nothing);
    const values = new Float32Array(session.layout.size).fill(0.25);
    await setGates(values);
    const { factors } = await engine.identify('i', nothing);
    const cancelled = engine.setBasis('c', { id: 'random', seed: 99 }, (event) => {
      if (event.type === 'spectrum') void engine.cancel('c');
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    for (const [wrong, said] of [
      [{ id: 'fourier', seed: null }, /no basis “fourier”\. It is one of svd, random/],
      [{ id: 'random', seed: null }, /seed of the basis random is a whole number/],
      [{ id: 'random', seed: 0.5 }, /whole number from 0 to 4294967295, not 0\.5/],
      [{ id: 'neurons', seed: 1 }, /neurons has no seed/],
    ] as const)
      await expect(engine.setBasis('b', wrong as Basis, nothing)).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringMatching(said),
      });
    expect((await engine.gates()).values).toEqual(values);
    expect((await engine.identify('i', nothing)).factors).toEqual(factors);

    const running = engine.distill('d', small({ steps: 50 }), nothing);
    await expect(engine.setBasis('b', random, nothing)).rejects.toMatchObject({
      code: 'busy',
      message: 'A distillation is going on. Stop it before changing the basis.',
    });
    await engine.stop();
    await running;
  });
});

test('an interrupted run goes on in its own basis alone', async () => {
  await engine.setBasis('b', random, nothing);
  const options = small({ steps: 3 });
  const running = engine.distill(
    'd',
    options,
    (event) => {
      if (event.type === 'state' && event.state === 'paused') void taken();
    },
    1,
  );
  let kept: Awaited<ReturnType<typeof engine.checkpoint>> = null;
  const taken = async () => {
    kept = await engine.checkpoint();
    await engine.stop();
  };
  await running;
  expect(kept).toMatchObject({ origin: { basis: random } });
  for (const other of [svd, neurons, { id: 'random', seed: 4 } as const]) {
    await engine.setBasis('b', other, nothing);
    await expect(engine.distill('d', options, nothing, 3, kept)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining(
        'has its gates in the basis of random orthonormal directions (seed 3), and the session has',
      ),
    });
  }
  await engine.setBasis('b', random, nothing);
  const notices: string[] = [];
  await engine.distill(
    'd',
    options,
    (event) => event.type === 'notice' && notices.push(event.message),
    9,
    kept,
  );
  expect(notices).toEqual([]);
});
