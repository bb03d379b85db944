import { lossesOf } from '../../../test/losses.ts';
import { expect, test } from 'vitest';
import { shownSeries, thinned, type LossRow } from './series.ts';

const rows = (count: number): LossRow[] =>
  Array.from({ length: count }, (_, i) => ({
    ...lossesOf({ distill: 1 / (i + 1), inject: -0.25 }),
    step: i + 1,
  }));

test('thinning keeps the first and the last row and stays under the limit', () => {
  const kept = thinned(rows(1000), 100);
  expect(kept.length).toBeLessThanOrEqual(101);
  expect([kept[0]?.step, kept.at(-1)?.step]).toEqual([1, 1000]);
  expect(thinned(rows(20), 100)).toHaveLength(20);
});

test('absent terms are not shown, and negative ones not on a log axis', () => {
  expect(shownSeries(rows(5), false).map(({ key }) => key)).toEqual(['distill', 'inject']);
  expect(shownSeries(rows(5), true).map(({ key }) => key)).toEqual(['distill']);
});
