/**
 * Curves over a spectral axis: gates (linear in y) and singular values (logarithmic). Where several subspaces
 * share a pixel column, the line is their mean and a wash shows their span, so that thousands of subspaces
 * lose no extreme to the eye.
 */
import { columnRange, type SpectralAxis } from './spectral-axis.ts';
import type { Scale } from './scale.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A stretch of a flat array that belongs to one slot. */
export interface Series {
  readonly values: Float32Array;
  readonly offset: number;
  readonly count: number;
}

const range = { start: 0, end: 0 };

/** The mean line of `series`; one point a column, steps where a subspace is wider than that. */
export function curvePath(series: Series, axis: SpectralAxis, y: Scale, box: Box): Path2D {
  const path = new Path2D();
  addCurve(path, series, axis, y, box, 'begin');
  return path;
}

/** The same as a path's begin, or joined on to its end. */
export function addCurve(
  path: Path2D,
  series: Series,
  axis: SpectralAxis,
  y: Scale,
  box: Box,
  how: 'begin' | 'join',
): void {
  const columns = Math.max(1, Math.round(box.width));
  for (let column = 0; column < columns; column++) {
    columnRange(axis, series.count, column, columns, range);
    let sum = 0;
    for (let i = range.start; i < range.end; i++) sum += series.values[series.offset + i] ?? 0;
    const px = box.left + ((column + 0.5) / columns) * box.width;
    const py = y.toPixel(sum / (range.end - range.start));
    if (column === 0 && how === 'begin') path.moveTo(box.left, py);
    else if (column === 0) path.lineTo(box.left, py);
    path.lineTo(px, py);
    if (column === columns - 1) path.lineTo(box.left + box.width, py);
  }
}

/**
 * The span between smallest and largest of each column, as a closed path; null where no column holds more
 * than one subspace.
 */
export function spanPath(series: Series, axis: SpectralAxis, y: Scale, box: Box): Path2D | null {
  const columns = Math.max(1, Math.round(box.width));
  const path = new Path2D();
  let shared = false;
  for (let column = 0; column < columns; column++) {
    columnRange(axis, series.count, column, columns, range);
    if (range.end - range.start < 2) continue;
    shared = true;
    let min = Infinity;
    let max = -Infinity;
    for (let i = range.start; i < range.end; i++) {
      const value = series.values[series.offset + i] ?? 0;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const px = box.left + (column / columns) * box.width;
    path.rect(px, y.toPixel(max), box.width / columns, Math.max(0.5, y.toPixel(min) - y.toPixel(max)));
  }
  return shared ? path : null;
}

/** A line closed down to the bottom of the box, for filling. */
export function areaUnder(line: Path2D, box: Box): Path2D {
  const area = new Path2D(line);
  area.lineTo(box.left + box.width, box.top + box.height);
  area.lineTo(box.left, box.top + box.height);
  area.closePath();
  return area;
}

/** Runs of 1s in `flags`, as [start, end) pairs within one slot. */
export function runsOf(flags: Uint8Array, offset: number, count: number): [number, number][] {
  const runs: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= count; i++) {
    const on = i < count && flags[offset + i] === 1;
    if (on && start < 0) start = i;
    if (!on && start >= 0) {
      runs.push([start, i]);
      start = -1;
    }
  }
  return runs;
}

/** Pixel span of the subspaces [start, end). */
export function spanOf(
  axis: SpectralAxis,
  count: number,
  start: number,
  end: number,
  box: Box,
): { left: number; width: number } {
  const left = box.left + axis.place(start / count) * box.width;
  const right = box.left + axis.place(end / count) * box.width;
  return { left, width: Math.max(1, right - left) };
}

/**
 * How much of the weak end may fall off the axis: near-square matrices end in σ close to 0, which would
 * flatten all the rest.
 */
const WEAKEST_SHARE = 0.03;

/**
 * Domain of a log axis for falling singular values: from the largest down to the last that is positive and
 * not among the weakest few (at most `decades` lower), with a little room at both ends.
 */
export function sigmaDomain(singularValues: Float32Array, decades = 6): [number, number] {
  const max = singularValues[0] ?? 0;
  if (!(max > 0)) return [0.1, 1];
  const last = Math.max(0, Math.ceil(singularValues.length * (1 - WEAKEST_SHARE)) - 1);
  const low = Math.max(singularValues[last] ?? 0, max / 10 ** decades);
  return [low / 1.5, max * 1.5];
}
