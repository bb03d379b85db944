import { describe, expect, it } from 'vitest';
import { measureSpectrum } from '../../../core/spectrum/measures.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import { flatRows, pick, sortedSlots, treeRows } from './rows.ts';

const slot = (layer: number, kind: SlotInfo['kind']): SlotInfo => ({
  id: `layers.${layer}.${kind}`,
  layer,
  kind,
  shape: [4, 4],
  rank: 4,
  tensors: { base: '', vlm: '', lrm: '' },
});
const slots = [slot(0, 'q'), slot(0, 'k'), slot(1, 'q'), slot(1, 'k')];
const spectrum = (index: number, stableRank: number, frobenius: number): SlotSpectrum => ({
  slot: index,
  singularValues: new Float32Array(4),
  cached: false,
  exact: true,
  measures: { ...measureSpectrum({ sigma: [1], rows: 4, columns: 4 }), frobenius, stableRank },
});
const plain = { toggle: false, range: false };

describe('layer rows', () => {
  it('nest slots under layers and hide those of a collapsed one', () => {
    expect(treeRows(slots, new Set()).map(({ key }) => key)).toEqual([
      'layer-0',
      'slot-0',
      'slot-1',
      'layer-1',
      'slot-2',
      'slot-3',
    ]);
    expect(treeRows(slots, new Set([0])).map(({ key }) => key)).toEqual([
      'layer-0',
      'layer-1',
      'slot-2',
      'slot-3',
    ]);
  });

  it('sort by a figure, largest first, unknown last, ties in order', () => {
    const spectra = [spectrum(0, 2, 1), null, spectrum(2, 5, 1), spectrum(3, 2, 9)];
    expect(sortedSlots('stableRank', slots, spectra, new Float64Array(4))).toEqual([2, 0, 3, 1]);
    expect(sortedSlots('frobenius', slots, spectra, new Float64Array(4))).toEqual([3, 0, 2, 1]);
    expect(sortedSlots('meanGate', slots, spectra, Float64Array.of(0.1, 0.4, 0.2, 0.4))).toEqual([
      1, 3, 2, 0,
    ]);
  });

  it('sort what a preview cannot tell last', () => {
    const spectra = [spectrum(0, NaN, 1), spectrum(1, 2, 1), null, spectrum(3, 5, 1)];
    expect(sortedSlots('stableRank', slots, spectra, new Float64Array(4))).toEqual([3, 1, 0, 2]);
  });

  it('select by click, toggle and range, always ascending', () => {
    const rows = treeRows(slots, new Set());
    expect(pick(rows, 3, 0, [0], plain)).toEqual([2, 3]);
    expect(pick(rows, 2, 0, [3], { toggle: true, range: false })).toEqual([1, 3]);
    expect(pick(rows, 3, 0, [0, 2, 3], { toggle: true, range: false })).toEqual([0]);
    expect(pick(rows, 3, 0, [0, 2], { toggle: true, range: false })).toEqual([0, 2, 3]);
    expect(pick(rows, 1, 4, [], { toggle: false, range: true })).toEqual([0, 1, 2, 3]);
    expect(pick(flatRows([3, 1, 0]), 1, 0, [0], { toggle: true, range: true })).toEqual([0, 1, 3]);
  });
});
