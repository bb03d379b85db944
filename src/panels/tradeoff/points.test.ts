import { expect, test } from 'vitest';
import { axisDomain, axisTicks, plotPoint, trails } from './points.ts';

test('axes hold their values, on whole tens, and never collapse', () => {
  expect(axisDomain([44.4, 99.7])).toEqual([40, 100]);
  expect(axisDomain([0, 0.3])).toEqual([0, 20]);
  expect(axisDomain([99.7])).toEqual([80, 100]);
  expect(axisDomain([55, 57])).toEqual([50, 70]);
  expect(axisTicks([40, 100])).toEqual([40, 60, 80, 100]);
});

test('a point carries its intervals as distances', () => {
  const score = { correct: 50, total: 100, low: 0.4, high: 0.62 };
  const point = plotPoint(
    {
      id: 'a',
      kind: 'current',
      label: '',
      lambda: 1,
      step: 3,
      revision: 0,
      gates: null,
      budget: null,
      evaluation: { perception: score, reasoning: score, byTask: {}, elapsedMs: 1 },
    },
    true,
  );
  expect(point.perception).toBe(50);
  expect(point.perceptionError[0]).toBeCloseTo(10);
  expect(point.reasoningError[1]).toBeCloseTo(12);
});

test('each run has a trail of its own', () => {
  const score = { correct: 1, total: 2, low: 0, high: 1 };
  const at = (id: string, step: number) =>
    plotPoint(
      {
        id,
        kind: 'snapshot',
        label: '',
        lambda: 1,
        step,
        revision: 0,
        gates: null,
        budget: null,
        evaluation: { perception: score, reasoning: score, byTask: {}, elapsedMs: 1 },
      },
      false,
    );
  const points = [at('a', 25), at('b', 50), at('c', 25), at('d', 75)];
  expect(trails(points).map((trail) => trail.map(({ measurement }) => measurement.id))).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});
