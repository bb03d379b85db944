/**
 * From orthogonal rows to the factors of contract.ts: sorted, signs fixed, and U laid out by rows.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { ThinSvd } from './contract.ts';
import type { Orthogonal } from './orthogonal.ts';

const TRANSPOSE_BLOCK = 32;

/**
 * The `keep` strongest triples of a matrix of rows × cols. `x` [count, min(rows, cols)] and `v` [count, max(rows, cols)] hold the vectors
 * of its short and long side as orthonormal rows, `norms` = scale · σ. keep ≤ count.
 */
export function factorsFrom({ x, v, norms }: Orthogonal, keep: number, rows: number, cols: number, scale: number): ThinSvd {
  const tall = rows > cols;
  const order = Array.from(norms.keys()).sort((p, q) => norms[q]! - norms[p]! || p - q).slice(0, keep);
  const s = Float32Array.from(order, (row) => norms[row]! / scale);
  if (s[0] === Infinity) {
    const value = norms[order[0]!]! / scale;
    throw new StudioError('bad-file', `The largest singular value, ${value}, is beyond the range of float32.`, { details: { value } });
  }
  const left = tall ? v : x;
  const right = tall ? x : v;
  const signs = order.map((row) => signOfExtreme(left, row * rows, rows));
  return { u: signedColumns(left, order, signs, rows), s, vt: signedRows(right, order, signs, cols) };
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
function signedRows(from: Float32Array, order: readonly number[], signs: readonly number[], size: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(order.length * size);
  order.forEach((row, i) => {
    out.set(from.subarray(row * size, (row + 1) * size), i * size);
    if (signs[i]! < 0) for (let j = i * size; j < (i + 1) * size; j++) out[j] = -out[j]!;
  });
  return out;
}

/** [size, order.length]: column i is signs[i] · row order[i]. In blocks that stay in the cache. */
function signedColumns(from: Float32Array, order: readonly number[], signs: readonly number[], size: number): Float32Array<ArrayBuffer> {
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
