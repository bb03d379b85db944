import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rampColour, gateColours } from './colour.ts';
import { runsOf, sigmaDomain } from './curve.ts';
import { evenHandles, handleWeight, moveHandle } from './handles.ts';
import { cellAt, columnLeft, columnRight, rowTop, type HeatmapView } from './heatmap.ts';
import { fittingRowHeight, layoutRows, rowAt } from './rows.ts';
import { formatValue, linearScale, linearTicks, logScale, logTicks } from './scale.ts';
import { axisTicks, columnRange, spectralAxis } from './spectral-axis.ts';

const luminance = ([r, g, b]: readonly [number, number, number]): number =>
  0.2126 * r + 0.7152 * g + 0.0722 * b;

describe('scales', () => {
  it('invert, linear and logarithmic, in either direction', () => {
    const y = linearScale([0, 2], [100, 0]);
    expect(y.toPixel(0.5)).toBe(75);
    expect(y.toValue(75)).toBe(0.5);
    const log = logScale([0.01, 100], [0, 400]);
    expect(log.toPixel(1)).toBeCloseTo(200, 9);
    expect(log.toValue(300)).toBeCloseTo(10, 9);
    expect(linearScale([3, 3], [0, 10]).toValue(4)).toBe(3);
  });

  it('tick at round values inside the domain', () => {
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(logTicks(0.02, 3, 4)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(1e-6, 1e3, 4)).toEqual([1e-6, 1e-3, 1, 1e3]);
  });

  it('print without false digits', () => {
    expect(formatValue(0.1 + 0.2)).toBe('0.3');
    expect(formatValue(0.0000123)).toBe('1.2e-5');
    expect(formatValue(1234.5)).toBe('1235');
    expect(formatValue(NaN)).toBe('–');
  });
});

describe('spectral axis', () => {
  it('places and unplaces inversely, rising, within [0, 1]', () => {
    for (const kind of ['linear', 'log'] as const) {
      for (const rank of [1, 2, 128, 4096]) {
        const axis = spectralAxis(kind, rank);
        expect(axis.place(0)).toBeCloseTo(0, 12);
        expect(axis.place(1)).toBeCloseTo(1, 12);
        let before = -1;
        for (let i = 0; i < rank; i += Math.max(1, rank >> 6)) {
          const u = (i + 0.5) / rank;
          expect(axis.unplace(axis.place(u))).toBeCloseTo(u, 9);
          expect(axis.place(u)).toBeGreaterThan(before);
          before = axis.place(u);
        }
      }
    }
  });

  it('sets a tail apart at the end, never too narrow to hit, and goes on inverting', () => {
    for (const kind of ['linear', 'log'] as const) {
      for (const count of [2, 3, 17, 129, 1000]) {
        const axis = spectralAxis(kind, count, true);
        expect(axis.tail?.from).toBeCloseTo((count - 1) / count, 12);
        expect(1 - (axis.tail?.at ?? 1)).toBeGreaterThanOrEqual(0.15 - 1e-12);
        expect([axis.place(0), axis.place(1)]).toEqual([expect.closeTo(0, 12), expect.closeTo(1, 12)]);
        expect(axis.place(axis.tail?.from ?? 0)).toBeCloseTo(axis.tail?.at ?? 0, 9);
        let before = -1;
        for (let i = 0; i < count; i += Math.max(1, count >> 6)) {
          const u = (i + 0.5) / count;
          expect(axis.unplace(axis.place(u))).toBeCloseTo(u, 9);
          expect(axis.place(u)).toBeGreaterThan(before);
          before = axis.place(u);
        }
      }
    }
    expect(axisTicks(spectralAxis('linear', 17, true))).toEqual([1, 2, 4, 6, 8, 10, 12, 14, 16]);
  });

  it('shows every subspace in some pixel column and never none', () => {
    const out = { start: 0, end: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 20, max: 900 }), (rank, columns) => {
        const axis = spectralAxis('linear', rank);
        let covered = 0;
        for (let column = 0; column < columns; column++) {
          columnRange(axis, rank, column, columns, out);
          expect(out.end).toBeGreaterThan(out.start);
          expect(out.start).toBeLessThanOrEqual(covered);
          covered = Math.max(covered, out.end);
        }
        expect(covered).toBe(rank);
      }),
      { numRuns: 30 },
    );
  });

  it('ticks within the rank', () => {
    expect(axisTicks(spectralAxis('log', 128))).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(axisTicks(spectralAxis('linear', 128))).toEqual([1, 16, 32, 48, 64, 80, 96, 112, 128]);
  });
});

describe('gate colours', () => {
  it('are monotone in lightness and start near the page in both themes', () => {
    for (let i = 1; i <= 100; i++)
      expect(luminance(rampColour(i / 100))).toBeGreaterThanOrEqual(
        luminance(rampColour((i - 1) / 100)) - 0.5,
      );
    expect(gateColours(true, 1).isLight(0)).toBe(false);
    expect(gateColours(false, 1).isLight(0)).toBe(true);
    expect(gateColours(true, 1).css(0)).toBe(gateColours(false, 1).css(1));
    expect(gateColours(true, 1).isLight(1)).toBe(true);
    const light = gateColours(false, 1);
    const numbers = (css: string) =>
      [...css.matchAll(/\d+/g)].map(([part]) => Number(part)) as [number, number, number];
    for (let i = 1; i <= 100; i++)
      expect(luminance(numbers(light.css(i / 100)))).toBeLessThanOrEqual(
        luminance(numbers(light.css((i - 1) / 100))) + 0.5,
      );
  });

  it('keep the range above 1 apart when gates may exceed it', () => {
    const scale = gateColours(true, 4);
    expect(scale.share(1)).toBe(0.75);
    expect(scale.share(4)).toBe(1);
    expect(scale.share(9)).toBe(1);
    expect(gateColours(true, 1).css(NaN)).toBe('transparent');
  });
});

describe('handles', () => {
  it('pull with weights that sum to one everywhere', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 2, max: 12 }), (t, count) => {
        const places = moveHandle(evenHandles(count), 1, 0.3, 0.01);
        const sum = places.reduce((total, _, k) => total + handleWeight(places, k, t), 0);
        expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });

  it('stay in order, and the outermost at the ends', () => {
    expect(moveHandle([0, 0.5, 1], 1, 7, 0.1)).toEqual([0, 0.9, 1]);
    expect(moveHandle([0, 0.5, 1], 0, 0.4, 0.1)).toEqual([0, 0.5, 1]);
  });
});

describe('heatmap', () => {
  const layout = layoutRows([0, 0, 1, 1, 1], 10, 4);
  const view: HeatmapView = {
    layout,
    columns: 8,
    tail: null,
    box: { left: 50, top: 20, width: 160, height: 40 },
    scrollTop: 6,
  };

  it('lays rows out in groups and finds them again', () => {
    expect([...layout.tops]).toEqual([0, 10, 24, 34, 44]);
    expect(layout.groupStarts).toEqual([0, 2]);
    expect(layout.height).toBe(54);
    layout.tops.forEach((top, row) => expect(rowAt(layout, top + 5)).toBe(row));
    expect(rowAt(layout, 22)).toBe(1);
    expect(rowAt(layoutRows([], 10, 4), 3)).toBe(-1);
  });

  it('fits rows to the height within bounds', () => {
    expect(fittingRowHeight(28, 4, 4, 320, [8, 20])).toBe(11);
    expect(fittingRowHeight(196, 28, 4, 320, [8, 20])).toBe(8);
    expect(fittingRowHeight(7, 1, 4, 900, [8, 20])).toBe(20);
  });

  it('hits the cell whose corner it draws, scrolled or not, and clamps on request', () => {
    for (let row = 1; row < 4; row++) {
      for (let column = 0; column < 8; column++) {
        expect(cellAt(view, columnLeft(view, column) + 3, rowTop(view, row) + 3)).toEqual({ row, column });
      }
    }
    expect(cellAt(view, 10, 30)).toBeNull();
    expect(cellAt(view, 10, 999, true)).toEqual({ row: 4, column: 0 });
    expect(cellAt(view, 999, -5, true)).toEqual({ row: 0, column: 7 });
  });
});

describe('a heatmap with a tail', () => {
  const layout = layoutRows([0, 0], 10, 4);
  const view: HeatmapView = {
    layout,
    columns: 5,
    tail: { widthPx: 30, gapPx: 6 },
    box: { left: 50, top: 20, width: 116, height: 40 },
    scrollTop: 0,
  };

  it('puts the last column apart, as wide as it says, and finds it again; the gap is half its own', () => {
    expect([0, 1, 3].map((column) => columnLeft(view, column))).toEqual([50, 70, 110]);
    expect([columnRight(view, 3), columnLeft(view, 4), columnRight(view, 4)]).toEqual([130, 136, 166]);
    for (let column = 0; column < 5; column++)
      expect(cellAt(view, (columnLeft(view, column) + columnRight(view, column)) / 2, 25)).toEqual({
        row: 0,
        column,
      });
    expect(cellAt(view, 131, 25)?.column).toBe(3);
    expect(cellAt(view, 135, 25)?.column).toBe(4);
    expect(cellAt(view, 999, 25, true)?.column).toBe(4);
    expect(cellAt(view, -5, 25, true)?.column).toBe(0);
  });
});

describe('curves', () => {
  it('find runs of locked gates within a slot', () => {
    expect(runsOf(Uint8Array.of(1, 0, 1, 1, 0, 1), 1, 5)).toEqual([
      [1, 3],
      [4, 5],
    ]);
    expect(runsOf(new Uint8Array(4), 0, 4)).toEqual([]);
  });

  it('bound the sigma axis, whatever the spectrum', () => {
    const [low, high] = sigmaDomain(Float32Array.of(2, 1, 1e-20, 0));
    expect(high).toBeCloseTo(3, 5);
    expect(low).toBeCloseTo(2e-6 / 1.5, 9);
    // The weakest of a hundred may fall off; the rest decides.
    const nearSquare = Float32Array.from({ length: 100 }, (_, i) => (i < 99 ? 1 - i / 100 : 1e-9));
    expect(sigmaDomain(nearSquare)[0]).toBeCloseTo(0.04 / 1.5, 5);
    expect(sigmaDomain(new Float32Array(3))).toEqual([0.1, 1]);
  });
});
