import { expect, test } from 'vitest';
import { absentLayers, layerCount } from './layer-choice.ts';

const slots = [0, 1, 2].flatMap(
  (layer) =>
    [
      { layer, kind: 'q', rank: 4 },
      { layer, kind: 'down', rank: 6 },
    ] as const,
);

test('counts the chosen matrices and their gates', () => {
  expect(layerCount(slots, { layers: null, kinds: null })).toEqual({ matrices: 6, all: 6, gates: 30 });
  expect(layerCount(slots, { layers: [1, 2], kinds: ['down'] })).toEqual({ matrices: 2, all: 6, gates: 12 });
});

test('says which layers are not there, and when nothing is left', () => {
  expect(absentLayers(slots, { layers: [1], kinds: null })).toBeNull();
  expect(absentLayers(slots, { layers: [1, 3, 4], kinds: null })).toBe(
    'Not there: 3-4. These models have 0-2.',
  );
  expect(absentLayers(slots, { layers: null, kinds: ['up'] })).toMatch(/No matrix/);
});
