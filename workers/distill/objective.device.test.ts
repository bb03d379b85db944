/** The whole objective and a short run against PyTorch: zoo/reference/distill/make.py. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { readModelSpec } from '../../src/core/family/read-spec.ts';
import { gateEnergies } from '../../src/core/gates/budget.ts';
import { makeLayout, subspacesOf, type GateLayout } from '../../src/core/gates/field.ts';
import type { DistillOptions } from '../../src/protocol/session.ts';
import { relativeError } from '../backend/reference.ts';
import { thinSvd } from '../kernels/svd/svd.ts';
import { uploadStore, type DeviceFactors, type FactorStore, type SlotFactors } from '../merge/factors.ts';
import type { TextModel, VisionModel } from '../nn/contract.ts';
import { loadTextModel } from '../nn/text-model.ts';
import { loadVision } from '../nn/vision-model.ts';
import { encodeImages, type ImageFeatures } from './imageFeatures.ts';
import { LiveGates } from './liveGates.ts';
import { computeObjective, type WeightedTerm } from './objective.ts';
import { createSampler, seededRandom } from './random.ts';
import { DistillRun } from './run.ts';
import { RunEvents } from './runEvents.ts';
import { createStudent } from './student.ts';
import type { TeachingItem } from './teaching.ts';
import { teach } from './teachingSet.ts';
import { composedTerm } from './terms/composed.ts';
import { distillTerm } from './terms/distill.ts';
import { injectTerm } from './terms/inject.ts';
import { traceTerm } from './terms/trace.ts';

interface PlainItem {
  readonly teacher_prompt: number[];
  readonly student_prompt: number[];
  readonly image: number | null;
  readonly answer: number[];
  readonly positions: number;
}
interface Reference {
  readonly slots: string[];
  readonly options: Pick<DistillOptions, 'lambda' | 'alpha' | 'beta' | 'gamma' | 'learningRate' | 'steps'>;
  readonly losses: Record<'distill' | 'inject' | 'trace' | 'composed' | 'total', number>;
  readonly distill: PlainItem[];
  readonly trace: PlainItem[];
  readonly composed: PlainItem[];
}

const imageTokenId = 4;
const vocabulary = 60;
const signal = new AbortController().signal;
const nothing = () => undefined;

let reference: Reference;
let arrays: Awaited<ReturnType<typeof readArrays>>;
let text: TextModel;
let vision: VisionModel;
let lrm: TextModel;
let factors: DeviceFactors;
/** The same factors on the CPU. */
let store: FactorStore;
let layout: GateLayout;
let images: ImageFeatures;
/** Terms with a sampler over all items, so that every batch is the whole set. */
let terms: (seed: number, batchSize: number, under?: GateLayout) => WeightedTerm[];

beforeAll(async () => {
  await startDevice();
  reference = await readJsonFixture('zoo/reference/distill/reference.json');
  arrays = await readArrays('zoo/reference/distill/reference.safetensors');
  const [seeing, reasoning] = [await readCheckpoint('zoo/reference/nn/tiny-idefics3'), await readCheckpoint('zoo/reference/nn/tiny-llama')];
  const [vlmSpec, lrmSpec] = [readModelSpec(seeing.config, seeing.tensors.keys()), readModelSpec(reasoning.config, reasoning.tensors.keys())];
  if (vlmSpec.kind !== 'vlm' || lrmSpec.kind !== 'text') throw new Error('the tiny models were not recognised');
  text = await loadTextModel(seeing, vlmSpec.text, vlmSpec.names);
  vision = await loadVision(seeing, vlmSpec);
  lrm = await loadTextModel(reasoning, lrmSpec.text, lrmSpec.names);

  const cpu = await Promise.all(
    reference.slots.map(async (id): Promise<SlotFactors> => {
      const [own, other] = [text.linears.get(id), lrm.linears.get(id)];
      if (!own || !other) throw new Error(`no layer ${id}`);
      const [rows, columns] = own.shape;
      const [a, b] = [await own.data(), await other.data()];
      return { id, rows, columns, rank: Math.min(rows, columns), ...thinSvd(Float32Array.from(b, (value, i) => value - (a[i] ?? 0)), rows, columns) };
    }),
  );
  layout = makeLayout(cpu);
  store = { slots: cpu, read: async (index: number) => cpu[index] as SlotFactors, dispose: nothing };
  factors = await uploadStore(store, layout, signal);

  const pixels = (await readArrays('zoo/reference/nn/tiny-idefics3/reference.safetensors'))('pixels');
  const size = 3 * 64 * 64;
  const cut = { width: 64, height: 64, rows: 0, columns: 0, tiles: 1, tokens: vision.tokensPerTile };
  images = await encodeImages(vision, 3, (i) => ({ pixels: pixels.data.slice(i * size, (i + 1) * size), layout: cut }), nothing, signal);

  const items = (plain: readonly PlainItem[], teacherSees: boolean) =>
    plain.map((item): TeachingItem => ({
      teacherPrompt: item.teacher_prompt,
      studentPrompt: item.student_prompt,
      teacherImage: teacherSees ? item.image : null,
      studentImage: item.image,
      answer: item.answer,
      positions: item.positions,
    }));
  const vlmTeacher = { model: text, linears: text.linears, imageTokenId, images, stopIds: [2] };
  const lrmTeacher = { model: lrm, linears: lrm.linears, imageTokenId: null, images: null, stopIds: [2] };
  const sets = {
    distill: await teach(vlmTeacher, items(reference.distill, true), vocabulary, nothing, signal),
    trace: await teach(lrmTeacher, items(reference.trace, false), vocabulary, nothing, signal),
    composed: await teach(lrmTeacher, items(reference.composed, false), vocabulary, nothing, signal),
  };
  const { alpha, beta, gamma } = reference.options;
  terms = (seed, batchSize, under = layout) => {
    const energies = gateEnergies(under, cpu.map(({ s }) => s));
    const common = (name: keyof typeof sets, stream: number) => ({ set: sets[name], model: text, images, imageTokenId, batchSize, sample: createSampler(3, seededRandom(seed, stream)) });
    return [
      { term: distillTerm(common('distill', 0)), weight: 1 },
      { term: injectTerm(energies), weight: alpha },
      { term: traceTerm(common('trace', 1)), weight: beta },
      { term: composedTerm(common('composed', 2)), weight: gamma },
    ];
  };
});

afterAll(() => {
  factors.dispose();
  text.dispose();
  vision.dispose();
  lrm.dispose();
});

const startGates = () => Float32Array.from(arrays('g').data, (g) => 1 / (1 + Math.exp(-g)));

test('the loss, each of its parts and dL/dg are those of PyTorch', async () => {
  const gates = startGates();
  const student = createStudent(text.linears, factors, gates, reference.options.lambda);
  const { losses, gradient } = await computeObjective(terms(1, 3), student);
  student.dispose();
  for (const name of ['distill', 'inject', 'trace', 'composed', 'total'] as const) {
    expect(Math.abs((losses[name] ?? NaN) / reference.losses[name] - 1), name).toBeLessThan(1e-4);
  }
  const byLogit = gradient.map((d, i) => d * (gates[i] ?? 0) * (1 - (gates[i] ?? 0)));
  expect(relativeError(byLogit, arrays('dg').data)).toBeLessThan(1e-3);
});

test('under a budget the objective is that of equal gates in the tail, and the tail’s gradient the sum of theirs', async () => {
  const { lambda } = reference.options;
  for (const k of [1, 5]) {
    const budget = makeLayout(layout.slots, k);
    const gates = Float32Array.from({ length: budget.size }, (_, i) => ((i * 7) % 10) / 10 + 0.05);
    const spread = new Float32Array(layout.size);
    budget.slots.forEach((slot, s) => {
      const { offset, rank } = layout.slots[s] as (typeof layout.slots)[number];
      for (let i = 0; i < rank; i++) spread[offset + i] = gates[slot.offset + Math.min(i, slot.gates - 1)] as number;
    });
    const held = await uploadStore(store, budget, signal);
    expect(held.slots.some(({ tail }) => tail !== null)).toBe(true);
    const [few, many] = [createStudent(text.linears, held, gates, lambda), createStudent(text.linears, factors, spread, lambda)];
    const [under, whole] = [await computeObjective(terms(1, 3, budget), few), await computeObjective(terms(1, 3), many)];
    few.dispose();
    many.dispose();
    held.dispose();
    for (const name of ['distill', 'inject', 'trace', 'composed', 'total'] as const) expect(under.losses[name], name).toBeCloseTo(whole.losses[name] ?? NaN, 5);
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

async function run(seed: number, batchSize: number, steps: number, count = 4): Promise<{ gates: Float32Array; left: number }> {
  const live = new LiveGates({ values: startGates(), locks: new Uint8Array(factors.slots.reduce((sum, slot) => sum + slot.factors.rank, 0)) });
  const prepared = { terms: terms(seed, batchSize).slice(0, count), factors, vlm: text.linears };
  const options = { ...reference.options, steps, batchSize, seed, gateMax: 1 };
  let before = 0;
  const distillation = new DistillRun({
    options,
    live,
    events: new RunEvents(nothing),
    signal,
    prepare: async () => {
      before = tf.memory().numTensors;
      return prepared;
    },
    exclusive: (body) => body(),
  });
  await distillation.run();
  return { gates: live.values, left: tf.memory().numTensors - before };
}

test('five steps give the gates of torch.optim.Adam', async () => {
  const { gates } = await run(1, 3, 5);
  expect(relativeError(gates, arrays('gates.5').data)).toBeLessThan(1e-3);
});

test('the same seed gives the same gates bit for bit, another seed others', async () => {
  const first = await run(7, 1, 3);
  expect((await run(7, 1, 3)).gates).toEqual(first.gates);
  expect((await run(8, 1, 3)).gates).not.toEqual(first.gates);
});

test('fifty steps leave no tensor behind', async () => {
  expect((await run(3, 2, 2)).left).toBe(0);
  expect((await run(3, 1, 50, 2)).left).toBe(0);
});
