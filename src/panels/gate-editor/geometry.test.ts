import { describe, expect, it } from 'vitest';
import { bandRange } from '../../../core/gates/bands.ts';
import {
  bandBetween,
  bandZone,
  gateAt,
  handleBand,
  handleGate,
  handlePlaces,
  isTailHandle,
  movePlaces,
  pixelOf,
  plotGeometry,
  positionAt,
  tailSpan,
} from './geometry.ts';

const geometry = plotGeometry(600, 300, 'linear', { gates: 128, rank: 128 }, 2);

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
        const { axis } = plotGeometry(600, 300, kind, { gates: rank, rank }, 1);
        const held = handlePlaces(axis, null).map((place) => handleGate(axis, place));
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
    expect(handleGate(geometry.axis, places[0] ?? 0)).toBe(32);
    expect(handleGate(geometry.axis, places.at(-1) ?? 0)).toBe(63);
    expect(handleBand(geometry.axis, places, 0, band)[0]).toBe(0.25);
    expect(handleBand(geometry.axis, places, places.length - 1, band)[1]).toBe(0.5);
    const [from, to] = handleBand(geometry.axis, places, 3, band);
    expect(from).toBeCloseTo(places[2] ?? 0, 9);
    expect(to).toBeCloseTo(places[4] ?? 0, 9);
  });

  it('gives the tail a handle to itself, which moves it alone', () => {
    for (const kind of ['linear', 'log'] as const) {
      const tailed = plotGeometry(600, 300, kind, { gates: 17, rank: 128 }, 1);
      const { axis } = tailed;
      const places = handlePlaces(axis, null);
      const held = places.map((place) => handleGate(axis, place));
      expect(held.slice(-2)).toEqual([15, 16]);
      expect(places.map((place) => isTailHandle(axis, place))).toEqual(
        places.map((_, k) => k === places.length - 1),
      );
      const last = places.length - 1;
      expect(bandRange(17, handleBand(axis, places, last, null))).toEqual({ start: 16, end: 17 });
      expect(bandRange(17, handleBand(axis, places, last - 1, null)).end).toBe(16);
      // Pulled to the right, the handle before it stays among its own.
      for (let k = 0; k < places.length; k++) {
        const moved = movePlaces(axis, places, k, 1, 0.02);
        expect(moved.filter((place) => isTailHandle(axis, place))).toEqual(places.slice(-1));
        expect(moved).toHaveLength(places.length);
      }
      expect(handlePlaces(axis, [16 / 17, 1]).map((place) => handleGate(axis, place))).toEqual([16]);
      expect(handlePlaces(axis, [0, 16 / 17]).some((place) => isTailHandle(axis, place))).toBe(false);
      const { left, width } = tailSpan(tailed);
      expect(width).toBeGreaterThan(60);
      expect(bandBetween(17, positionAt(tailed, left), positionAt(tailed, left + width))).toEqual([
        16 / 17,
        1,
      ]);
    }
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
