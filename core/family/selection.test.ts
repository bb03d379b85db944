import { expect, test } from 'vitest';
import { StudioError } from '../errors.ts';
import {
  checkSelection,
  covering,
  describeSelection,
  everything,
  formatLayers,
  parseKinds,
  parseLayers,
  selectSlots,
} from './selection.ts';
import { linearName } from './tensor-names.ts';

const slots = [0, 1, 2, 3].flatMap((layer) =>
  (['q', 'v', 'down'] as const).map((kind) => ({ id: `${layer}${kind}`, layer, kind })),
);

test('layers are read as people write pages, and written as they are read', () => {
  expect(parseLayers('10-12')).toEqual([10, 11, 12]);
  expect(parseLayers(' 0-9/3 , 5,5 ,3')).toEqual([0, 3, 5, 6, 9]);
  expect(parseLayers('7')).toEqual([7]);
  expect(parseLayers('2–4')).toEqual([2, 3, 4]);
  expect([parseLayers(''), parseLayers('All')]).toEqual([null, null]);
  for (const text of ['10-19', '0-27/3', '0,4,9', '0-2,5,7-9', '3', '0-1'])
    expect(formatLayers(parseLayers(text))).toBe(text);
  expect(formatLayers(null)).toBe('all');
});

test('what is no list of layers is refused in a sentence that says how to write one', () => {
  for (const text of ['a', '1-', '-3', '1.5', '3,,4', '0-9/', '10000', '1e3', '0x10', '5 6'])
    expect(() => parseLayers(text), text).toThrow(/no layer and no range/);
  expect(() => parseLayers('9-3')).toThrow(/ends before it begins/);
  expect(() => parseLayers('0-9/0')).toThrow(/takes no steps/);
  expect(() => parseLayers('1,'.repeat(2000))).toThrow(StudioError);
});

test('kinds by name, by projection and by part of the layer', () => {
  expect(parseKinds('v, q')).toEqual(['q', 'v']);
  expect(parseKinds('q_proj,down_proj')).toEqual(['q', 'down']);
  expect(parseKinds('attention')).toEqual(['q', 'k', 'v', 'o']);
  expect(parseKinds('mlp,o')).toEqual(['o', 'gate', 'up', 'down']);
  expect([parseKinds('all'), parseKinds('attention,mlp')]).toEqual([null, null]);
  expect(() => parseKinds('q,x')).toThrow(/“x” is no kind/);
  expect(describeSelection({ layers: [1, 2, 3], kinds: ['q', 'v'] })).toBe('layers 1-3, q and v');
  expect(describeSelection(everything)).toBe('all layers');
});

test('slots are chosen in their order; a layer that is not there and a choice of nothing are refused', () => {
  expect(selectSlots(slots, everything)).toBe(slots);
  expect(selectSlots(slots, { layers: [1, 3], kinds: ['q'] }).map(({ id }) => id)).toEqual(['1q', '3q']);
  expect(() => selectSlots(slots, { layers: [2, 3, 4, 5], kinds: null })).toThrow(
    'Layers 4-5 cannot be merged: the layers that pair in these models are 0-3.',
  );
  expect(() => selectSlots(slots, { layers: null, kinds: ['up'] })).toThrow(/Nothing is left/);
});

test('from outside only a rising list of layers and known kinds come through', () => {
  expect(checkSelection(undefined)).toEqual(everything);
  expect(checkSelection({ layers: [0, 2], kinds: ['q'] })).toEqual({ layers: [0, 2], kinds: ['q'] });
  for (const bad of [
    { layers: [2, 1], kinds: null },
    { layers: [1, 1], kinds: null },
    { layers: [], kinds: null },
    { layers: [0.5], kinds: null },
    { layers: null, kinds: ['lm_head'] },
    { layers: '1-3', kinds: null },
  ]) {
    expect(() => checkSelection(bad as never)).toThrow(StudioError);
  }
});

test('the selection that covers a recipe’s layers has them all, and everything where a name is not known', () => {
  const placesOf = (...ids: string[]) => ids.map((id) => linearName(`${id}.weight`));
  expect(covering(placesOf('layers.3.mlp.up_proj', 'layers.1.self_attn.q_proj'))).toEqual({
    layers: [1, 3],
    kinds: ['q', 'up'],
  });
  expect(covering(placesOf('layers.3.mlp.up_proj', 'blocks.1.w'))).toEqual(everything);
  expect(covering([])).toEqual(everything);
});
