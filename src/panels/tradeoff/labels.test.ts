import { expect, test } from 'vitest';
import { hiddenUnder, labelPlaces } from './labels.ts';
import { plotPoint, type PlotPoint } from './points.ts';

const at = (
  id: string,
  kind: 'vlm' | 'task-arithmetic' | 'snapshot',
  perception: number,
  reasoning: number,
): PlotPoint => {
  const score = (correct: number) => ({ correct, total: 100, low: correct / 100, high: correct / 100 });
  const evaluation = { perception: score(perception), reasoning: score(reasoning), byTask: {}, elapsedMs: 1 };
  return plotPoint(
    { id, kind, label: '', lambda: 1, step: null, revision: 0, gates: null, budget: null, evaluation },
    false,
  );
};
const axis = [0, 100] as const;

test('a name moves aside for a neighbour, and snapshots have none', () => {
  const places = labelPlaces(
    [at('a', 'task-arithmetic', 60, 50), at('b', 'task-arithmetic', 54, 54), at('s', 'snapshot', 20, 20)],
    axis,
    axis,
  );
  expect([...places.keys()]).toEqual(['a', 'b']);
  expect(places.get('a')?.anchor).toBe('start');
  expect(places.get('b')?.anchor).toBe('end');
});

test('where there is no room the more important name stays', () => {
  const crowd = [
    at('l1', 'task-arithmetic', 99, 0),
    at('l2', 'task-arithmetic', 98, 1),
    at('l3', 'task-arithmetic', 99, 1),
    at('vlm', 'vlm', 98, 0),
  ];
  const places = labelPlaces(crowd, [50, 100], axis);
  expect(places.has('vlm')).toBe(true);
  expect(places.size).toBeLessThan(4);
});

test('points on one spot know of each other', () => {
  const points = [
    at('a', 'vlm', 98, 0),
    at('b', 'task-arithmetic', 99, 1),
    at('c', 'task-arithmetic', 60, 60),
  ];
  expect(hiddenUnder(points[0]!, points, axis, axis).map(({ measurement }) => measurement.id)).toEqual(['b']);
});
