/** What one step of a run holds: factors, merged matrices, the tape with its way back, and the vocabulary. */
import { keptMergedBytes, tapeLimitBytes } from './batches.ts';
import type { DeviceCapacity, RunFacts } from './facts.ts';
import { lessonsOf, type RunChoice } from './run-choice.ts';
import { layerBytes, tapeBytes } from './text-work.ts';
import type { ChosenSlot } from './facts.ts';
import { keptDistributions, promptTokens } from './lesson-memory.ts';
import { floatBytes, most, phase, sum, type Part, type Phase } from './phase.ts';

interface StepParts {
  readonly common: readonly Part[];
  readonly factors: number;
  readonly matrices: readonly number[];
  readonly copied: number;
  readonly vocabulary: number;
}

export function stepPhase(
  { text, sample }: RunFacts,
  { fused }: DeviceCapacity,
  slots: readonly ChosenSlot[],
  choice: RunChoice,
  { common, factors, matrices, copied, vocabulary }: StepParts,
): Phase {
  const prompt = most(lessonsOf(choice).map(({ studentSees }) => promptTokens(sample, studentSees)));
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
