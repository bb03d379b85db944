/**
 * What opening and running a trio hold at most, in bytes and by part, from shapes alone. Estimates are bounds
 * that are meant to be close: between what is measured and one and a half times that
 * (workers/engine/running/memory.test.ts). Fragmentation and the program itself are not in them.
 */
import { factorForm } from '../gates/factor-memory.ts';
import { makeLayout } from '../gates/field.ts';
import { answerCacheBytes, answeredTogether, taughtLogitBytes, taughtTogether } from './batches.ts';
import type { ChosenSlot, DeviceCapacity, MemoryFacts, RunFacts } from './facts.ts';
import { lessonsOf, type RunChoice } from './run-choice.ts';
import { layerBytes, tokenCacheBytes } from './text-work.ts';
import { keptDistributions, promptTokens } from './lesson-memory.ts';
import { floatBytes, most, phase, sum, type Part, type Phase } from './phase.ts';
import { stepPhase } from './step-phase.ts';

export interface RunEstimate {
  readonly phases: readonly Phase[];
  /** The one that takes most. */
  readonly peak: Phase;
  /** Outside the device: features, distributions, and the tensor that is being read. */
  readonly pageBytes: number;
  /** Bytes of the largest tensor on the device. */
  readonly tensorBytes: number;
}

/** Decomposing these: the largest few at once, within the pool's limit, or the largest alone. */
export function estimateOpening(
  { decomposing, workers, poolBytes }: Pick<MemoryFacts, 'decomposing' | 'workers' | 'poolBytes'>,
  slots: readonly Pick<ChosenSlot, 'index'>[],
): number {
  const peaks = slots.map(({ index }) => decomposing[index] ?? 0).sort((a, b) => b - a);
  return Math.max(peaks[0] ?? 0, Math.min(poolBytes, sum(peaks.slice(0, workers))));
}

/**
 * The part of a run that no choice of batch or prompt changes: weights, factors, and the merged matrices of a
 * step. If these alone are beyond the limit, the run surely is.
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
  const lessons = lessonsOf(choice);
  const second = lessons.some(({ teacher }) => teacher === 'lrm');
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
  const teacherPrompts = lessons.map(({ teacherSees }) => promptTokens(sample, teacherSees));
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
