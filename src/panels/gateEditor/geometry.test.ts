import { describe, expect, it } from 'vitest';
import { bandBetween, bandZone, gateAt, handleBand, handlePlaces, handleSubspace, pixelOf, plotGeometry, positionAt } from './geometry.ts';

const geometry = plotGeometry(600, 300, 'linear', 128, 2);

describe('editor geometry', () => {
  it('turns pixels into positions and gates and back, clamped to the plot', () => {
    expect(positionAt(geometry, pixelOf(geometry, 0.3))).toBeCloseTo(0.3, 9);
    expect(positionAt(geometry, -50)).toBe(0);
    expect(gateAt(geometry, geometry.y.toPixel(1.25))).toBeCloseTo(1.25, 9);
    expect(gateAt(geometry, -50)).toBe(2);
    expect(gateAt(geometry, 999)).toBe(0);
  });

  it('spreads handles over the spectrum, each on its own subspace, both ends held', () => {
    for (const kind of ['linear', 'log'] as const) {
      for (const rank of [1, 2, 5, 16, 128, 4096]) {
        const { axis } = plotGeometry(600, 300, kind, rank, 1);
        const held = handlePlaces(axis, null).map((place) => handleSubspace(axis, place));
        expect(new Set(held).size).toBe(held.length);
        expect(held[0]).toBe(0);
        expect(held.at(-1)).toBe(rank - 1);
        expect(held.length).toBeLessThanOrEqual(9);
        expect([...held].sort((a, b) => a - b)).toEqual(held);
      }
    }
    expect(handlePlaces(geometry.axis, null)).toHaveLength(9);
  });

  it('keeps handles and what they move inside the band', () => {
    const band = [0.25, 0.5] as const;
    const places = handlePlaces(geometry.axis, band);
    expect(handleSubspace(geometry.axis, places[0] ?? 0)).toBe(32);
    expect(handleSubspace(geometry.axis, places.at(-1) ?? 0)).toBe(63);
    expect(handleBand(geometry.axis, places, 0, band)[0]).toBe(0.25);
    expect(handleBand(geometry.axis, places, places.length - 1, band)[1]).toBe(0.5);
    const [from, to] = handleBand(geometry.axis, places, 3, band);
    expect(from).toBeCloseTo(places[2] ?? 0, 9);
    expect(to).toBeCloseTo(places[4] ?? 0, 9);
  });

  it('tells the band’s inside from its edges', () => {
    const band = [0.25, 0.5] as const;
    expect(bandZone(geometry, band, pixelOf(geometry, 0.25) + 2)).toBe('left-edge');
    expect(bandZone(geometry, band, pixelOf(geometry, 0.5) - 2)).toBe('right-edge');
    expect(bandZone(geometry, band, pixelOf(geometry, 0.4))).toBe('inside');
    expect(bandZone(geometry, band, pixelOf(geometry, 0.6))).toBe('outside');
    expect(bandZone(geometry, null, pixelOf(geometry, 0.4))).toBe('outside');
  });

  it('snaps a dragged band to whole subspaces, in either direction', () => {
    expect(bandBetween(8, 0.3, 0.6)).toEqual([0.25, 0.625]);
    expect(bandBetween(8, 0.6, 0.3)).toEqual([0.25, 0.625]);
    expect(bandBetween(8, 1, 1)).toEqual([0.875, 1]);
  });
});
