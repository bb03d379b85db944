/**
 * A tiny trio with calibration, on whatever device is running: the models and items of
 * zoo/reference/distill/make.py, for tests of the objective and of runs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { readModelSpec } from '../core/family/read-spec.ts';
import { gateEnergies } from '../core/gates/budget.ts';
import { makeLayout, type GateLayout } from '../core/gates/field.ts';
import { defaultOptions, type DistillOptions } from '../core/objective/options.ts';
import type { TermId } from '../core/objective/terms.ts';
import { chosenDivergence } from '../workers/distill/divergences.ts';
import { encodeImages } from '../workers/distill/image-features.ts';
import { LiveGates } from '../workers/distill/live-gates.ts';
import type { WeightedTerm } from '../workers/distill/objective.ts';
import type { RunPosition } from '../core/runs/run-checkpoint.ts';
import { createSampler, termRandom } from '../workers/distill/random.ts';
import { DistillRun } from '../workers/distill/run.ts';
import { RunEvents } from '../workers/distill/run-events.ts';
import type { TeachingItem } from '../workers/distill/teaching.ts';
import { teach } from '../workers/distill/teaching-set.ts';
import { taughtTerm } from '../workers/distill/terms/taught.ts';
import { injectTerm } from '../workers/distill/terms/inject.ts';
import { thinSvd } from '../workers/kernels/svd/svd.ts';
import { uploadStore, type FactorStore, type SlotFactors } from '../workers/merge/factors.ts';
import type { Linear } from '../workers/nn/contract.ts';
import { denseWeight } from '../workers/nn/linear.ts';
import { asStored } from '../workers/nn/finite-logits.ts';
import { loadTextModel } from '../workers/nn/text-model.ts';
import { loadVision } from '../workers/nn/vision-model.ts';
import { readArrays, readCheckpoint } from './checkpoint.ts';
import { readJsonFixture } from './fixtures.ts';

interface PlainItem {
  readonly teacher_prompt: number[];
  readonly student_prompt: number[];
  readonly image: number | null;
  readonly answer: number[];
  readonly positions: number;
}
type Losses = Readonly<Record<TermId | 'total', number>>;
interface Reference {
  readonly slots: string[];
  readonly options: Pick<DistillOptions, 'lambda' | 'alpha' | 'beta' | 'gamma' | 'learningRate' | 'steps'>;
  readonly losses: Losses;
  /** With the teachers' k most probable tokens, and the rest as one. */
  readonly lumped: { readonly k: number; readonly losses: Losses };
  readonly distill: PlainItem[];
  readonly trace: PlainItem[];
  readonly composed: PlainItem[];
}

const imageTokenId = 4;
const vocabulary = 60;
const signal = new AbortController().signal;
const nothing = () => undefined;

async function values(weight: Linear): Promise<Float32Array> {
  const matrix = denseWeight(weight);
  return matrix.data<'float32'>().finally(() => matrix.dispose());
}

export type TinyTrio = Awaited<ReturnType<typeof openTinyTrio>>;

export async function openTinyTrio() {
  const reference = await readJsonFixture<Reference>('zoo/reference/distill/reference.json');
  const arrays = await readArrays('zoo/reference/distill/reference.safetensors');
  const [seeing, reasoning] = [
    await readCheckpoint('zoo/reference/nn/tiny-idefics3'),
    await readCheckpoint('zoo/reference/nn/tiny-llama'),
  ];
  const [vlmSpec, lrmSpec] = [
    readModelSpec(seeing.config, seeing.tensors.keys()),
    readModelSpec(reasoning.config, reasoning.tensors.keys()),
  ];
  if (vlmSpec.kind !== 'vlm' || lrmSpec.kind !== 'text')
    throw new Error('the tiny models were not recognised');
  const text = await loadTextModel(seeing, vlmSpec.text, vlmSpec.names);
  const vision = await loadVision(seeing, vlmSpec);
  const lrm = await loadTextModel(reasoning, lrmSpec.text, lrmSpec.names);

  const cpu = await Promise.all(
    reference.slots.map(async (id): Promise<SlotFactors> => {
      const [own, other] = [text.linears.get(id), lrm.linears.get(id)];
      if (!own || !other) throw new Error(`no layer ${id}`);
      const [rows, columns] = own.shape;
      const [a, b] = [await values(own), await values(other)];
      return {
        id,
        rows,
        columns,
        rank: Math.min(rows, columns),
        ...thinSvd(
          Float32Array.from(b, (value, i) => value - (a[i] ?? 0)),
          rows,
          columns,
        ),
      };
    }),
  );
  const layout = makeLayout(cpu);
  const store: FactorStore = {
    slots: cpu,
    names: cpu.map(({ id }) => id),
    keys: new Set(),
    kernel: 'kernel',
    read: async (index) => cpu[index] as SlotFactors,
    dispose: nothing,
  };
  const upload = (under: GateLayout) => uploadStore(store, under, signal);
  const factors = await upload(layout);

  const pixels = (await readArrays('zoo/reference/nn/tiny-idefics3/reference.safetensors'))('pixels');
  const size = 3 * 64 * 64;
  const cut = { width: 64, height: 64, rows: 0, columns: 0, tiles: 1, tokens: vision.tokensPerTile };
  const images = await encodeImages(
    vision,
    3,
    (i) => ({ pixels: pixels.data.slice(i * size, (i + 1) * size), layout: cut }),
    nothing,
    signal,
  );

  const items = (plain: readonly PlainItem[], teacherSees: boolean) =>
    plain.map((item): TeachingItem => ({
      teacherPrompt: item.teacher_prompt,
      studentPrompt: item.student_prompt,
      teacherImage: teacherSees ? item.image : null,
      studentImage: item.image,
      answer: item.answer,
      positions: item.positions,
    }));
  const vlmTeacher = {
    model: text,
    named: asStored('the VLM'),
    linears: text.linears,
    imageTokenId,
    images,
    stopIds: [2],
  };
  const lrmTeacher = {
    model: lrm,
    named: asStored('the reasoning model'),
    linears: lrm.linears,
    imageTokenId: null,
    images: null,
    stopIds: [2],
  };
  const teachAll = async (teacherTopK: number | null) => {
    const job = { vocabulary, teacherTopK, onDone: nothing, signal };
    return {
      distill: await teach(vlmTeacher, items(reference.distill, true), job),
      trace: await teach(lrmTeacher, items(reference.trace, false), job),
      composed: await teach(lrmTeacher, items(reference.composed, false), job),
    };
  };
  const sets = await teachAll(null);
  const { alpha, beta, gamma } = reference.options;
  const terms = (
    seed: number,
    batchSize: number,
    under = layout,
    from = sets,
    options = defaultOptions,
  ): WeightedTerm[] => {
    const energies = gateEnergies(
      under,
      cpu.map(({ s }) => s),
    );
    const taught = (id: keyof typeof sets) =>
      taughtTerm({
        id,
        set: from[id],
        model: text,
        images: id === 'trace' ? null : images,
        imageTokenId: id === 'trace' ? null : imageTokenId,
        divergence: chosenDivergence(options),
        batchSize,
        sample: createSampler(3, termRandom(seed, id)),
      });
    return [
      { term: taught('distill'), weight: 1 },
      { term: injectTerm(energies), weight: alpha },
      { term: taught('trace'), weight: beta },
      { term: taught('composed'), weight: gamma },
    ];
  };

  const startGates = () => Float32Array.from(arrays('g').data, (g) => 1 / (1 + Math.exp(-g)));
  return {
    reference,
    arrays,
    text,
    layout,
    factors,
    /** The same factors for another layout of their gates; the caller's to dispose. */
    upload,
    /** With a sampler over all three items of each kind; batches of 3 are the whole set. */
    terms,
    /** The three teachers' sets with top-k, for `terms`. */
    teachAll,
    startGates,
    dispose: () => {
      factors.dispose();
      text.dispose();
      vision.dispose();
      lrm.dispose();
    },
  };
}

export interface TinyRun {
  readonly seed: number;
  readonly batchSize: number;
  readonly steps: number;
  /** Of the four: distill, inject, trace, composed. */
  readonly terms?: number;
  /** Where another run of these options stood. */
  readonly from?: RunPosition;
  /** After every step, counted from here; and where the run stands then. */
  readonly onStep?: (step: number, position: RunPosition | null) => Promise<void> | void;
}

/** `left`: tensors that the run left behind. */
export async function runTiny(
  trio: TinyTrio,
  { seed, batchSize, steps, terms = 4, from, onStep }: TinyRun,
): Promise<{ readonly gates: Float32Array; readonly left: number }> {
  const { factors, text, reference } = trio;
  const values = trio.startGates();
  const live = new LiveGates({ values, locks: new Uint8Array(values.length) });
  const prepared = { terms: trio.terms(seed, batchSize).slice(0, terms), factors, vlm: text.linears };
  let before = 0;
  let step = -1;
  const distillation = new DistillRun({
    options: { ...defaultOptions, ...reference.options, steps, batchSize, seed },
    live,
    from: from ?? null,
    events: new RunEvents(nothing),
    signal,
    prepare: async () => {
      before = tf.memory().numTensors;
      return prepared;
    },
    // Preparing comes first, then each step.
    exclusive: async (body) => {
      const result = await body();
      if (++step > 0) await onStep?.(step, distillation.position());
      return result;
    },
  });
  await distillation.run();
  return { gates: live.values, left: tf.memory().numTensors - before };
}
