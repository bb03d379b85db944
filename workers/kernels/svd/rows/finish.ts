/**
 * From orthogonal rows to the factors of contract.ts: sorted, signs fixed, and U laid out by rows.
 *
 * A unit vector rounded to float32, u = 2⁻²⁴, has a length of 1 ± u at the most, and of much nearer to 1 when
 * its entries differ, for then their errors cancel. Where they are all alike (a constant matrix, a block of
 * equal rows) nothing cancels: U and V each are off by up to u in the same direction, and 2u = 1.2e-7 of the
 * matrix would be lost. So s is not ‖w_i‖ but the number that fits the vectors as they are, û_iᵀ A v̂_i /
 * (‖û_i‖² ‖v̂_i‖²) = ‖w_i‖ / (‖û_i‖ ‖v̂_i‖) to first order: what is left is across u_i and v_i, and the
 * rounding of s.
 */
import { StudioError } from '../../../../core/errors.ts';
import type { ThinSvd } from '../contract.ts';
import type { Orthogonal } from './orthogonal.ts';

const TRANSPOSE_BLOCK = 32;

/**
 * The `keep` strongest triples of a matrix of rows × cols. `x` [count, min(rows, cols)] and `v` [count,
 * max(rows, cols)] hold the vectors of its short and long side as orthonormal rows, `norms` = scale · σ. keep
 * ≤ count.
 */
export function factorsFrom(
  { x, v, norms }: Orthogonal,
  keep: number,
  rows: number,
  cols: number,
  scale: number,
): ThinSvd {
  const tall = rows > cols;
  const left = tall ? v : x;
  const right = tall ? x : v;
  const values = norms.map(
    (norm, i) =>
      norm / (scale * Math.sqrt(lengthSquared(left, i * rows, rows) * lengthSquared(right, i * cols, cols))),
  );
  const order = Array.from(values.keys())
    .sort((p, q) => values[q]! - values[p]! || p - q)
    .slice(0, keep);
  const s = Float32Array.from(order, (row) => values[row]!);
  if (s[0] === Infinity) {
    const value = values[order[0]!]!;
    throw new StudioError(
      'bad-file',
      `The largest singular value, ${value}, is beyond the range of float32.`,
      { details: { value } },
    );
  }
  const signs = order.map((row) => signOfExtreme(left, row * rows, rows));
  return { u: signedColumns(left, order, signs, rows), s, vt: signedRows(right, order, signs, cols) };
}

function lengthSquared(values: Float32Array, at: number, count: number): number {
  let s0 = 0,
    s1 = 0,
    s2 = 0,
    s3 = 0;
  let j = at;
  for (const end = at + count - 3; j < end; j += 4) {
    s0 += values[j]! * values[j]!;
    s1 += values[j + 1]! * values[j + 1]!;
    s2 += values[j + 2]! * values[j + 2]!;
    s3 += values[j + 3]! * values[j + 3]!;
  }
  for (; j < at + count; j++) s0 += values[j]! * values[j]!;
  return s0 + s1 + (s2 + s3);
}

/** 1 where the first entry of largest magnitude is positive (or all are zero), else −1. */
function signOfExtreme(values: Float32Array, at: number, count: number): number {
  let extreme = 0;
  let most = 0;
  for (let j = at; j < at + count; j++) {
    const size = Math.abs(values[j]!);
    if (size > most) {
      most = size;
      extreme = values[j]!;
    }
  }
  return extreme < 0 ? -1 : 1;
}

/** [order.length, size]: row i is signs[i] · row order[i]. */
function signedRows(
  from: Float32Array,
  order: readonly number[],
  signs: readonly number[],
  size: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(order.length * size);
  order.forEach((row, i) => {
    out.set(from.subarray(row * size, (row + 1) * size), i * size);
    if (signs[i]! < 0) for (let j = i * size; j < (i + 1) * size; j++) out[j] = -out[j]!;
  });
  return out;
}

/** [size, order.length]: column i is signs[i] · row order[i]. In blocks that stay in the cache. */
function signedColumns(
  from: Float32Array,
  order: readonly number[],
  signs: readonly number[],
  size: number,
): Float32Array<ArrayBuffer> {
  const count = order.length;
  const out = new Float32Array(count * size);
  for (let ib = 0; ib < count; ib += TRANSPOSE_BLOCK) {
    const iEnd = Math.min(count, ib + TRANSPOSE_BLOCK);
    for (let jb = 0; jb < size; jb += TRANSPOSE_BLOCK) {
      const jEnd = Math.min(size, jb + TRANSPOSE_BLOCK);
      for (let i = ib; i < iEnd; i++) {
        const sign = signs[i]!;
        const row = order[i]! * size;
        for (let j = jb; j < jEnd; j++) out[j * count + i] = sign * from[row + j]!;
      }
    }
  }
  return out;
}
