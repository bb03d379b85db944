/**
 * What opening and running a trio hold at most, in bytes and by part, from shapes alone. Estimates are bounds
 * that are meant to be close: between what is measured and one and a half times that
 * (workers/engine/running/memory.test.ts). Fragmentation and the program itself are not in them.
 */
import { factorForm } from '../gates/factor-memory.ts';
import { makeLayout } from '../gates/field.ts';
import {
  answerCacheBytes,
  answeredTogether,
  keptDistributionBytes,
  keptMergedBytes,
  tapeLimitBytes,
  taughtLogitBytes,
  taughtTogether,
} from './batches.ts';
import type { DeviceCapacity, MemoryFacts, RunFacts } from './facts.ts';
import type { RunChoice } from './run-choice.ts';
import { layerBytes, tapeBytes, tokenCacheBytes } from './text-work.ts';

export type PartName =
  | 'weights'
  | 'tower'
  | 'reasoner'
  | 'factors'
  | 'merged'
  | 'answers'
  | 'activations'
  | 'vocabulary'
  | 'images';

export interface Part {
  readonly name: PartName;
  readonly bytes: number;
}

/** What a run does one after another; the first two once a session. */
export type PhaseName = 'look' | 'teach' | 'step' | 'measure';

export interface Phase {
  readonly name: PhaseName;
  /** On the device; none is empty. */
  readonly parts: readonly Part[];
  readonly bytes: number;
}

export interface RunEstimate {
  readonly phases: readonly Phase[];
  /** The one that takes most. */
  readonly peak: Phase;
  /** Outside the device: features, distributions, and the tensor that is being read. */
  readonly pageBytes: number;
  /** Of the largest tensor on the device. */
  readonly tensorBytes: number;
}

export interface ChosenSlot {
  /** Index among all that pair. */
  readonly index: number;
  readonly id: string;
  readonly layer: number;
  readonly shape: readonly [number, number];
  readonly rank: number;
}

const floatBytes = 4;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const most = (values: readonly number[]): number =>
  values.reduce((largest, value) => Math.max(largest, value), 0);

/** Decomposing these: the largest few at once, within the pool's limit, or the largest alone. */
export function estimateOpening(
  { decomposing, workers, poolBytes }: Pick<MemoryFacts, 'decomposing' | 'workers' | 'poolBytes'>,
  slots: readonly Pick<ChosenSlot, 'index'>[],
): number {
  const peaks = slots.map(({ index }) => decomposing[index] ?? 0).sort((a, b) => b - a);
  return Math.max(peaks[0] ?? 0, Math.min(poolBytes, sum(peaks.slice(0, workers))));
}

/** What the factors take on disk, or in memory where there is no disk. */
export const storedFactorBytes = (slots: readonly ChosenSlot[]): number =>
  sum(slots.map(({ rank, shape: [rows, columns] }) => floatBytes * rank * (rows + columns + 1)));

/**
 * Of a run what no choice of batch or prompt changes: weights, factors, and merged matrices of a step. What
 * is beyond the limit without the rest is surely so with it.
 */
export const leastOf = ({ phases }: RunEstimate): number =>
  most(
    phases.map(({ parts }) =>
      sum(
        parts.filter(({ name }) => ['weights', 'tower', 'factors'].includes(name)).map(({ bytes }) => bytes),
      ),
    ),
  );

export function estimateRun(
  run: RunFacts,
  device: DeviceCapacity,
  slots: readonly ChosenSlot[],
  choice: RunChoice,
): RunEstimate {
  const { text, parameters, sample } = run;
  const { fused } = device;
  const weightBytes = weightBytesOf(run, device);
  const second = choice.trace || choice.composed;
  const vocabulary = Math.max(text.vocabSize, second ? run.lrmVocabulary : 0);
  const layout = makeLayout(slots, choice.budget);
  const factors = sum(
    slots.map(({ shape }, s) => factorForm(layout.slots[s] as (typeof layout.slots)[number], shape).bytes),
  );
  const matrices = slots.map(({ shape: [rows, columns] }) => floatBytes * rows * columns);
  // A product turns its right-hand side and packs it; the output head is the largest.
  const copied = device.copiesOperands ? 2 * floatBytes * run.largestTensor : 0;
  const common: Part[] = [
    { name: 'weights', bytes: weightBytes * parameters.text },
    { name: 'tower', bytes: weightBytes * parameters.vision },
    { name: 'reasoner', bytes: second ? weightBytes * parameters.lrm : 0 },
  ];
  // Once a run has looked at its images it gives the tower back.
  const running = common.filter(({ name }) => name !== 'tower');
  const teacherPrompts = [
    sample.promptTokens,
    ...(choice.trace ? [sample.textTokens] : []),
    ...(choice.composed ? [sample.answerTokens + sample.textTokens] : []),
  ];
  const look = phase('look', common, [
    { name: 'images', bytes: run.encodingBytes + floatBytes * text.hiddenSize * 2 * sample.imageTokens },
  ]);

  // Asked for once where all fit, else in each step.
  const asks = keptDistributions(run, choice, vocabulary).some((bytes) => bytes > 0);
  const taught = asks
    ? within(taughtTogether, taughtLogitBytes, floatBytes * sample.answerTokens * vocabulary)
    : 0;
  const taughtColumns = most(teacherPrompts) + sample.answerTokens;
  const taughtRows = taught * taughtColumns;
  const answers = most(teacherPrompts.map((tokens) => answering(run, fused, tokens)));
  const reading =
    layerBytes(text, { rows: taughtRows, columns: taughtColumns, fused }) +
    2 * floatBytes * taughtRows * text.hiddenSize;
  // Logits, the shared ids among them, and what log-softmax makes on its way.
  const logits = 5 * floatBytes * taught * sample.answerTokens * vocabulary;
  const teach =
    answers > reading + logits
      ? phase('teach', running, [{ name: 'answers', bytes: answers + copied }])
      : phase('teach', running, [
          { name: 'activations', bytes: reading + copied },
          { name: 'vocabulary', bytes: logits },
        ]);

  const step = stepPhase(run, device, slots, choice, {
    common: running,
    factors,
    matrices,
    copied,
    vocabulary,
  });
  const measure = phase('measure', common, [
    { name: 'factors', bytes: factors },
    { name: 'merged', bytes: sum(matrices) + most(matrices) },
    { name: 'answers', bytes: answering(run, fused, sample.promptTokens) + copied },
  ]);
  const again = phase('measure', common, [
    { name: 'factors', bytes: factors },
    { name: 'images', bytes: run.encodingBytes },
  ]);
  const phases = [look, teach, step, measure.bytes > again.bytes ? measure : again];
  const peak = phases.reduce((largest, next) => (next.bytes > largest.bytes ? next : largest));
  return {
    phases,
    peak,
    pageBytes: pageBytes(run, choice, vocabulary),
    tensorBytes: largestTensor(run, device, choice, vocabulary),
  };
}

const weightBytesOf = ({ storedBytes }: RunFacts, { packsWeights }: DeviceCapacity): number =>
  packsWeights ? storedBytes : floatBytes;

function phase(name: PhaseName, ...parts: readonly (readonly Part[])[]): Phase {
  const all = parts.flat().filter(({ bytes }) => bytes > 0);
  return { name, parts: all, bytes: sum(all.map(({ bytes }) => bytes)) };
}

/** How many go through at once. */
function within(atMost: number, bytes: number, each: number): number {
  return Math.max(1, Math.min(atMost, Math.floor(bytes / Math.max(1, each))));
}

/**
 * Reading prompts of so many tokens and answering them: keys and values, and either one layer of the prompts'
 * rows or the caches once more as they grow.
 */
function answering({ text, sample }: RunFacts, fused: boolean, promptTokens: number): number {
  const tokens = promptTokens + sample.answerTokens;
  const prompts = within(answeredTogether, answerCacheBytes, tokens * tokenCacheBytes(text));
  const cache = prompts * tokens * tokenCacheBytes(text);
  const rows = prompts * promptTokens;
  // Text, features, both, and each position's own; then as rows without padding.
  const embedded = floatBytes * rows * text.hiddenSize;
  const reading = Math.max(3 * embedded, embedded + layerBytes(text, { rows, columns: promptTokens, fused }));
  const logits = 2 * floatBytes * prompts * text.vocabSize;
  return embedded + Math.max(cache + reading + logits, 2 * cache);
}

interface StepParts {
  readonly common: readonly Part[];
  readonly factors: number;
  readonly matrices: readonly number[];
  readonly copied: number;
  readonly vocabulary: number;
}

function stepPhase(
  { text, sample }: RunFacts,
  { fused }: DeviceCapacity,
  slots: readonly ChosenSlot[],
  choice: RunChoice,
  { common, factors, matrices, copied, vocabulary }: StepParts,
): Phase {
  const prompt = Math.max(sample.promptTokens, choice.trace ? sample.textTokens : 0);
  const columns = prompt + sample.answerTokens;
  const rows = choice.batchSize * columns;
  const positions = choice.batchSize * (sample.answerTokens + 1);
  const shape = { rows, columns, fused };
  const keeps = keptDistributions({ sample }, choice, vocabulary).every((bytes) => bytes > 0);
  // The teacher's distributions, the student's logits, their gradient, and that once more; or the making of
  // the first, where they are not kept; or of a distribution from its most probable tokens.
  const copies = choice.teacherTopK ? 9 : !fused ? 8 : keeps ? 4 : 5;
  const all = sum(matrices);
  const ofLayer = new Map<number, number>();
  slots.forEach(({ layer }, s) => ofLayer.set(layer, (ofLayer.get(layer) ?? 0) + (matrices[s] as number)));
  const merged = all <= keptMergedBytes ? all : most([...ofLayer.values()]);
  // Rows through the vectors are kept where few rows make that the cheaper way.
  const vectors = choice.budget ?? Infinity;
  const along = sum(
    slots.map(
      ({ rank, shape: [out, into] }) =>
        floatBytes * Math.min(rows, (out * into) / (out + into)) * Math.min(rank, vectors),
    ),
  );
  const lowest = slots.reduce((least, { layer }) => Math.min(least, layer), text.layers - 1);
  const taped = text.layers - lowest;
  const kept = choice.budget === null ? 0 : along;
  const oneTape = (tapeBytes(text, shape) * taped) / text.layers + kept <= tapeLimitBytes;
  const ofOne = tapeBytes({ ...text, layers: 1 }, shape);
  const embedded = floatBytes * rows * text.hiddenSize;
  // One matrix's way back: dy, dx, dW and its product with V.
  const largest = most(matrices);
  const widest = floatBytes * rows * Math.max(text.intermediateSize, text.heads * text.headDim);
  const back = 2 * largest + 3 * widest + 2 * embedded;
  const oneLayer = layerBytes(text, shape);
  // tfjs gives no gradient back before the way back is done: of every layer about as much again as the layer
  // made on its way there.
  const asked = { rows: positions, columns, fused };
  const last =
    tapeBytes({ ...text, layers: 1 }, asked) +
    layerBytes(text, asked) +
    2 * (embedded + floatBytes * rows * 2 * text.keyValueHeads * text.headDim);
  const full = ofOne + oneLayer;
  const activations =
    kept +
    back +
    (oneTape ? 2 * embedded + full * (taped - 1) + Math.min(full, last) : embedded * (taped + 3) + full);
  return phase('step', common, [
    { name: 'factors', bytes: factors },
    { name: 'merged', bytes: merged },
    { name: 'activations', bytes: activations + copied },
    { name: 'vocabulary', bytes: floatBytes * positions * vocabulary * copies },
  ]);
}

/** Of each term; 0 where they are too many to be kept. */
function keptDistributions(
  { sample: { items, answerTokens } }: Pick<RunFacts, 'sample'>,
  { trace, composed, teacherTopK }: RunChoice,
  vocabulary: number,
): readonly number[] {
  const named = teacherTopK && teacherTopK < vocabulary - 1 ? teacherTopK : null;
  const of = (count: number) => count * answerTokens * (named ? 8 * named + 4 : floatBytes * vocabulary);
  const all = [
    of(items.distill),
    ...(trace ? [of(items.trace)] : []),
    ...(composed ? [of(items.composed)] : []),
  ];
  return named ? all : all.map((bytes) => (bytes > keptDistributionBytes ? 0 : bytes));
}

function pageBytes(
  { text, sample, largestTensor: largest, tileValues }: RunFacts,
  choice: RunChoice,
  vocabulary: number,
): number {
  const features = floatBytes * sample.images * sample.imageTokens * text.hiddenSize;
  const distributions = sum(keptDistributions({ sample }, choice, vocabulary));
  // A tensor as it is stored, and as float32; pixels of an image, twice.
  return (
    features +
    distributions +
    Math.max(2 * floatBytes * largest, 2 * floatBytes * tileValues * sample.imageTiles)
  );
}

/** Weights, the vocabulary side of a step, or rows of a layer's widest part. */
function largestTensor(
  run: RunFacts,
  device: DeviceCapacity,
  { batchSize }: RunChoice,
  vocabulary: number,
): number {
  const { text, sample, largestTensor: largest } = run;
  const rows = batchSize * (sample.promptTokens + sample.answerTokens);
  return Math.max(
    weightBytesOf(run, device) * largest,
    floatBytes * batchSize * (sample.answerTokens + 1) * vocabulary,
    floatBytes * rows * text.intermediateSize,
  );
}
