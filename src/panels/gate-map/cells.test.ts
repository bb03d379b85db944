import { describe, expect, it } from 'vitest';
import { aggregateBands, bandRange, makeBandFigures, makeBands } from '../../../core/gates/bands.ts';
import {
  bandCount,
  cellFacts,
  measureMax,
  measuredValues,
  moveCursor,
  rectangleSelection,
  spokenCell,
} from './cells.ts';

describe('gate map cells', () => {
  it('show as many bands as can be told apart, at most the longest rank', () => {
    expect(bandCount(700, 128)).toBe(128);
    expect(bandCount(500, 128)).toBe(64);
    expect(bandCount(800, 40)).toBe(32);
    expect(bandCount(800, 3)).toBe(3);
    expect(bandCount(30, 128)).toBe(8);
  });

  it('say in words what they hold', () => {
    const figures = makeBandFigures(makeBands(2, null));
    const slot = { id: 'layers.2.mlp.down_proj', layer: 2, kind: 'down', rank: 4, gates: 4, offset: 0 };
    const sigma = Float32Array.of(2, 1, 0.5, 0.25);
    aggregateBands(slot, Float32Array.of(1, 0.5, 0, 0), Uint8Array.of(1, 0, 0, 0), sigma, figures);
    expect(spokenCell(cellFacts(slot, 0, figures, sigma))).toBe(
      'layer 2, MLP down, subspaces 1–2 of 4: gate 0.75 (0.50–1.00), σ 2–1, injected energy 85 %, locked 50 %',
    );
    expect(cellFacts(slot, 1, figures, null).sigma).toBe('not computed yet');
    expect(measuredValues('gate', figures)[0]).toBe(0.75);
    expect(measureMax('energy', 2)).toBe(4);
  });

  it('make a selection of any two corners', () => {
    const eight = makeBands(8, null);
    expect(rectangleSelection({ row: 3, column: 5 }, { row: 1, column: 2 }, eight)).toEqual({
      slots: [1, 2, 3],
      band: [0.25, 0.75],
    });
    expect(rectangleSelection({ row: 0, column: 0 }, { row: 0, column: 7 }, eight).band).toBeNull();
  });

  it('name the tail, and select it or what is before it', () => {
    const bands = makeBands(5, 4);
    const figures = makeBandFigures(bands);
    const slot = { id: 'layers.2.mlp.down_proj', layer: 2, kind: 'down', rank: 8, gates: 5, offset: 0 };
    const sigma = Float32Array.from({ length: 8 }, (_, i) => 8 - i);
    aggregateBands(slot, Float32Array.of(1, 1, 1, 1, 0.5), new Uint8Array(5), sigma, figures);
    expect(spokenCell(cellFacts(slot, 4, figures, sigma))).toBe(
      'layer 2, MLP down, tail, subspaces 5–8 of 8: gate 0.50, σ 4–1, injected energy 25 %, locked 0 %',
    );
    expect(cellFacts(slot, 3, figures, sigma)).toMatchObject({ which: 'subspace 4 of 8', sigma: '5' });
    expect(rectangleSelection({ row: 0, column: 4 }, { row: 0, column: 4 }, bands).band).toEqual([0.8, 1]);
    const own = rectangleSelection({ row: 0, column: 0 }, { row: 0, column: 3 }, bands).band;
    expect(bandRange(5, own)).toEqual({ start: 0, end: 4 });
    expect(rectangleSelection({ row: 0, column: 0 }, { row: 0, column: 4 }, bands).band).toBeNull();
  });

  it('move the cursor by key, within the grid and by layer', () => {
    const move = (row: number, column: number, key: string) =>
      moveCursor({ row, column }, key, 6, 8, [0, 2, 4]);
    expect(move(0, 0, 'ArrowUp')).toEqual({ row: 0, column: 0 });
    expect(move(5, 7, 'ArrowRight')).toEqual({ row: 5, column: 7 });
    expect(move(1, 3, 'PageDown')).toEqual({ row: 2, column: 3 });
    expect(move(3, 3, 'PageUp')).toEqual({ row: 2, column: 3 });
    expect(move(5, 3, 'PageDown')).toEqual({ row: 5, column: 3 });
    expect(move(2, 3, 'End')).toEqual({ row: 2, column: 7 });
    expect(move(2, 3, 'x')).toBeNull();
  });
});
