/**
 * A few rows against one vector (BLAS level 2: dgemv), for blocks of reflections. Many inner products or
 * scaled sums in one operation, so that the vector is read once for several rows.
 *
 * Bits: every inner product is that of vector.ts; every entry of a sum takes its rows in ascending order.
 */
import { dot } from './vector.ts';

/** out[outAt + p] = Σ_i rows[rowsAt + p · stride + i] · x[xAt + i], p < count, i < n. */
export function rowsTimesVector(
  count: number,
  n: number,
  rows: Float64Array,
  rowsAt: number,
  stride: number,
  x: Float64Array,
  xAt: number,
  out: Float64Array,
  outAt: number,
): void {
  for (let p = 0; p < count; p++) out[outAt + p] = dot(n, rows, rowsAt + p * stride, x, xAt);
}

/** y[yAt + i] += Σ_p weights[weightsAt + p] · rows[rowsAt + p · stride + i], p < count, i < n. */
export function addRows(
  count: number,
  n: number,
  weights: Float64Array,
  weightsAt: number,
  rows: Float64Array,
  rowsAt: number,
  stride: number,
  y: Float64Array,
  yAt: number,
): void {
  for (let p = 0; p < count; p++) {
    const weight = weights[weightsAt + p]!;
    const row = rowsAt + p * stride;
    for (let i = 0; i < n; i++) y[yAt + i]! += weight * rows[row + i]!;
  }
}
