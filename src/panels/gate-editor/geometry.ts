/**
 * Where things stand in the editor's plot: scales, handles and the band, for one size, target and axis. Pure.
 */
import { bandRange, gateIndexAt, relativePosition } from '../../../core/gates/bands.ts';
import { hasTail, type GateSlot } from '../../../core/gates/field.ts';
import type { Box } from '../../plot/curve.ts';
import { evenHandles, moveHandle } from '../../plot/handles.ts';
import { linearScale, type Scale } from '../../plot/scale.ts';
import { spectralAxis, type SpectralAxis } from '../../plot/spectral-axis.ts';
import type { Target } from '../../state/selection-target.ts';

export const HANDLE_COUNT = 9;
const HANDLE_SPACING_PX = 26;
const TAIL_AIR_PX = 4;
const MARGIN = { left: 34, right: 46, top: 20, bottom: 22 } as const;

export interface PlotGeometry {
  readonly box: Box;
  readonly axis: SpectralAxis;
  /** Gates, 0 at the bottom. */
  readonly y: Scale;
  readonly gateMax: number;
}

export function plotGeometry(
  width: number,
  height: number,
  kind: 'linear' | 'log',
  slot: Pick<GateSlot, 'gates' | 'rank'>,
  gateMax: number,
): PlotGeometry {
  const box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
  return {
    box,
    axis: spectralAxis(kind, slot.gates, hasTail(slot)),
    y: linearScale([0, gateMax], [box.top + box.height, box.top]),
    gateMax,
  };
}

/** Relative position in the spectrum under a pixel, in [0, 1]. */
export function positionAt({ box, axis }: PlotGeometry, x: number): number {
  return axis.unplace(Math.min(1, Math.max(0, (x - box.left) / box.width)));
}

export function pixelOf({ box, axis }: PlotGeometry, u: number): number {
  return box.left + axis.place(u) * box.width;
}

/** Gate under a pixel, clamped. */
export function gateAt({ y, gateMax }: PlotGeometry, pixel: number): number {
  return Math.min(gateMax, Math.max(0, y.toValue(pixel)));
}

/**
 * Handles' shares of the axis, ascending: spread over the band (or all), each on the middle of a gate, no two
 * on the same one, and on an axis of `widthPx` not so close that they cover each other. The tail, where the
 * band reaches it, has a handle to itself.
 */
export function handlePlaces(axis: SpectralAxis, band: Target['band'], widthPx = 1000): number[] {
  const { start, end } = bandRange(axis.count, band);
  const placeOf = (index: number): number => axis.place(relativePosition(index, axis.count));
  const ofTail = axis.tail && end === axis.count ? [placeOf(end - 1)] : [];
  const last = end - 1 - ofTail.length;
  if (last < start) return ofTail;
  const from = placeOf(start);
  const to = placeOf(last);
  const fitting = Math.max(2, Math.floor(((to - from) * widthPx) / HANDLE_SPACING_PX) + 1);
  const held = evenHandles(Math.min(HANDLE_COUNT, last + 1 - start, fitting)).map((share) =>
    handleGate(axis, from + share * (to - from)),
  );
  return [...[...new Set(held)].sort((a, b) => a - b).map(placeOf), ...ofTail];
}

/** The gate a handle holds. */
export function handleGate(axis: SpectralAxis, place: number): number {
  return gateIndexAt(axis.unplace(place), axis.count);
}

/** Where the tail's handle lies: its part of the plot with a little air. */
export function tailSpan({ box, axis }: PlotGeometry): { readonly left: number; readonly width: number } {
  const at = axis.tail?.at ?? 1;
  return {
    left: box.left + at * box.width + TAIL_AIR_PX,
    width: Math.max(14, (1 - at) * box.width - 2 * TAIL_AIR_PX),
  };
}

export const isTailHandle = ({ tail }: SpectralAxis, place: number): boolean =>
  tail !== null && place > tail.at;

/**
 * The places with handle `k` moved to `t`, kept between its neighbours with at least `gap` to each; the
 * tail's stays, and so do the outermost of the others.
 */
export function movePlaces(
  axis: SpectralAxis,
  places: readonly number[],
  k: number,
  t: number,
  gap: number,
): number[] {
  const own = places.filter((place) => !isTailHandle(axis, place));
  return k < own.length ? [...moveHandle(own, k, t, gap), ...places.slice(own.length)] : [...places];
}

/**
 * The stretch that handle `k` moves: up to its neighbours, and to the band's ends beyond the outermost. The
 * tail's moves the tail alone.
 */
export function handleBand(
  axis: SpectralAxis,
  places: readonly number[],
  k: number,
  band: Target['band'],
): readonly [number, number] {
  const [low, high] = band ?? [0, 1];
  const before = places[k - 1];
  const after = places[k + 1];
  const tailFrom = axis.tail?.from ?? 1;
  if (isTailHandle(axis, places[k] ?? 0)) return [tailFrom, 1];
  return [
    before === undefined ? low : axis.unplace(before),
    Math.min(tailFrom, after === undefined ? high : axis.unplace(after)),
  ];
}

export type BandZone = 'inside' | 'left-edge' | 'right-edge' | 'outside';

const EDGE_PX = 6;

export function bandZone(geometry: PlotGeometry, band: Target['band'], x: number): BandZone {
  if (!band) return 'outside';
  const left = pixelOf(geometry, band[0]);
  const right = pixelOf(geometry, band[1]);
  if (Math.abs(x - left) <= EDGE_PX) return 'left-edge';
  if (Math.abs(x - right) <= EDGE_PX) return 'right-edge';
  return x > left && x < right ? 'inside' : 'outside';
}

/** Two positions as a band on whole gates, both ends included. */
export function bandBetween(gates: number, a: number, b: number): readonly [number, number] {
  const first = gateIndexAt(Math.min(a, b), gates);
  const last = gateIndexAt(Math.max(a, b), gates);
  return [first / gates, (last + 1) / gates];
}
