import { expect, test } from 'vitest';
import type { Score } from '../../../protocol/engine.ts';
import type { Measurement } from '../../state/records.ts';
import { bestSingleLambda, compareScores, verdict } from './verdict.ts';

/** Wilson 95 % interval. */
function score(correct: number, total: number): Score {
  const z = 1.959964;
  const p = correct / total;
  const centre = (p + (z * z) / (2 * total)) / (1 + (z * z) / total);
  const half = (z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total))) / (1 + (z * z) / total);
  return { correct, total, low: centre - half, high: centre + half };
}

const point = (
  kind: Measurement['kind'],
  lambda: number,
  perception: number,
  reasoning: number,
  total = 400,
): Measurement => ({
  id: `${kind}-${lambda}`,
  kind,
  label: kind,
  lambda,
  step: null,
  revision: 0,
  gates: null,
  budget: null,
  evaluation: {
    perception: score(perception, total),
    reasoning: score(reasoning, total),
    byTask: {},
    elapsedMs: 0,
  },
});

test('scores are told apart only where the intervals do not overlap', () => {
  expect(compareScores(score(300, 400), score(100, 400))).toBe('above');
  expect(compareScores(score(100, 400), score(300, 400))).toBe('below');
  expect(compareScores(score(205, 400), score(200, 400))).toBe('not told apart');
});

test('the rival is the best reasoner among the single λ that see no worse', () => {
  const current = point('current', 1.2, 388, 320);
  const sweep = [
    point('task-arithmetic', 0.5, 396, 3),
    point('task-arithmetic', 0.6, 392, 40),
    point('task-arithmetic', 1, 246, 355),
  ];
  expect(bestSingleLambda(current.evaluation, sweep)?.lambda).toBe(0.6);
});

test('nothing inside the intervals is called above', () => {
  const current = point('current', 1.2, 396, 10);
  const [sentence] = verdict(current, [point('vlm', 0, 398, 8)]);
  expect(sentence).toMatch(
    /the VLM’s 99\.5 %: it is 0\.5 points lower\. The intervals overlap, so the two are not told apart\./,
  );
  expect(sentence).not.toMatch(/above|below/);
});

test('measurements on other numbers of items are not compared', () => {
  expect(verdict(point('current', 1.2, 90, 60, 100), [point('vlm', 0, 398, 0)])).toEqual([]);
});
