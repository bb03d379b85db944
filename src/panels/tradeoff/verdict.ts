/**
 * What may be said of two measurements. Two scores are told apart only where their 95 % intervals do not
 * overlap; everything else is "not told apart", however far the points lie. This is stricter than a paired
 * test and never flatters.
 */
import type { Evaluation, Score } from '../../../protocol/engine.ts';
import type { Measurement } from '../../state/records.ts';

export type Comparison = 'above' | 'below' | 'not told apart';

export function compareScores(a: Score, b: Score): Comparison {
  if (a.low > b.high) return 'above';
  if (a.high < b.low) return 'below';
  return 'not told apart';
}

export const rateOf = (score: Score): number => (score.total > 0 ? score.correct / score.total : 0);

const percent = (score: Score): string => `${(100 * rateOf(score)).toFixed(1)} %`;

/**
 * Never hides a loss behind its interval either: the difference is named, and so is that it could be chance.
 */
const phrase = (a: Score, b: Score): string => {
  const comparison = compareScores(a, b);
  if (comparison !== 'not told apart') return `${comparison}, and the intervals do not overlap`;
  const points = 100 * (rateOf(a) - rateOf(b));
  const difference =
    Math.abs(points) < 0.05
      ? 'equal'
      : `${Math.abs(points).toFixed(1)} points ${points > 0 ? 'higher' : 'lower'}`;
  return `${difference}. The intervals overlap, so the two are not told apart`;
};

/**
 * The strongest single λ that sees as well: among points whose perception is not below, the one that reasons
 * best.
 */
export function bestSingleLambda(of: Evaluation, sweep: readonly Measurement[]): Measurement | null {
  const fair = sweep.filter(
    ({ evaluation }) => compareScores(evaluation.perception, of.perception) !== 'below',
  );
  return fair.reduce<Measurement | null>(
    (best, point) =>
      !best || rateOf(point.evaluation.reasoning) > rateOf(best.evaluation.reasoning) ? point : best,
    null,
  );
}

/**
 * Sentences on the current model: against the VLM, then against one λ for all. Only what was measured on as
 * many items is compared.
 */
export function verdict(current: Measurement, points: readonly Measurement[]): string[] {
  const mine = current.evaluation;
  const same = points.filter(
    ({ evaluation }) =>
      evaluation.perception.total === mine.perception.total &&
      evaluation.reasoning.total === mine.reasoning.total,
  );
  const sentences: string[] = [];
  const vlm = same.find(({ kind }) => kind === 'vlm')?.evaluation;
  if (vlm) {
    sentences.push(
      `Its perception is ${percent(mine.perception)}, the VLM’s ${percent(vlm.perception)}: it is ${phrase(mine.perception, vlm.perception)}. ` +
        `Its reasoning is ${percent(mine.reasoning)}, the VLM’s ${percent(vlm.reasoning)}: it is ${phrase(mine.reasoning, vlm.reasoning)}.`,
    );
  }
  const sweep = same.filter(({ kind }) => kind === 'task-arithmetic');
  const rival = bestSingleLambda(mine, sweep);
  if (rival) {
    sentences.push(
      `Among the measured single λ that perceive no worse, λ ${rival.lambda} reasons best, with ${percent(rival.evaluation.reasoning)}. ` +
        `The merged model is ${phrase(mine.reasoning, rival.evaluation.reasoning)}.`,
    );
  } else if (sweep.length > 0) {
    sentences.push('No measured single λ perceives as well as the merged model.');
  }
  return sentences;
}
