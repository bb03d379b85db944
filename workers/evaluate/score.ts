/**
 * Scoring of greedy answers. Rules come from the set's file; an answer is right or wrong, nothing between.
 */
import type { Score } from '../../protocol/engine.ts';
import type { ScoringRule } from '../../protocol/session.ts';

/**
 * What an expected answer must be, where no generated one would say anything by being right; null where it may
 * stand.
 */
export function neverRight(expected: string, rule: ScoringRule): string | null {
  const told = rule === 'final' ? expected.slice(expected.lastIndexOf('=') + 1) : expected;
  if (told.trim() !== '') return null;
  return rule === 'final' && expected.includes('=')
    ? 'an answer with something behind its last “=”, which alone is scored by “final”'
    : 'an answer with something in it: one without is right for a model that says nothing';
}

/** By `final` an answer without an `=` is wrong. */
export const isRight = (generated: string, expected: string, rule: ScoringRule): boolean =>
  (rule === 'exact' || generated.includes('=')) && isSame(generated, expected, rule);

/** Whether two answers say the same, both as a set has them: without an `=`, all of it is the result. */
export function isSame(one: string, other: string, rule: ScoringRule): boolean {
  if (rule === 'exact') return one === other;
  const last = (text: string) => text.slice(text.lastIndexOf('=') + 1);
  return last(one) === last(other);
}

const z = 1.959963984540054;

/** Wilson's score interval at 95 % (Wilson, 1927), without continuity correction. No items: [0, 1]. */
export function wilsonScore(correct: number, total: number): Score {
  if (total === 0) return { correct, total, low: 0, high: 1 };
  const rate = correct / total;
  const widened = 1 + (z * z) / total;
  const middle = (rate + (z * z) / (2 * total)) / widened;
  const half = (z * Math.sqrt((rate * (1 - rate)) / total + (z * z) / (4 * total * total))) / widened;
  return {
    correct,
    total,
    low: correct === 0 ? 0 : middle - half,
    high: correct === total ? 1 : middle + half,
  };
}
