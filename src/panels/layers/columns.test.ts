import { expect, test } from 'vitest';
import { columnsAtFirst, columnsInView, columnsThatFit, toggleColumn } from './columns.ts';

test('the column chosen last is in view, however narrow the list, and the order is always the same', () => {
  const narrow = columnsThatFit(200);
  const wide = columnsThatFit(288);
  expect(columnsInView(columnsAtFirst, narrow)).toEqual(['stableRank']);
  expect(columnsInView(columnsAtFirst, wide)).toEqual(['effectiveRank', 'stableRank']);
  const more = toggleColumn(columnsAtFirst, 'noiseEdge', narrow);
  expect(columnsInView(more, narrow)).toEqual(['noiseEdge']);
  expect(columnsInView(more, wide)).toEqual(['effectiveRank', 'noiseEdge', 'stableRank']);
  expect(columnsInView(toggleColumn(more, 'frobenius', wide), wide)).toEqual([
    'noiseEdge',
    'frobenius',
    'stableRank',
  ]);
});

test('a column that is in view can be taken away, and one that did not fit is shown', () => {
  expect(columnsInView(toggleColumn(columnsAtFirst, 'stableRank', 3), 3)).toEqual(['effectiveRank']);
  expect(columnsInView(toggleColumn(columnsAtFirst, 'effectiveRank', 1), 1)).toEqual(['effectiveRank']);
});
