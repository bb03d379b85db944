/**
 * From orthogonal rows to the factors of contract.ts: sorted, normalised, completed to a basis where σ is zero, signs fixed, and U laid
 * out by rows.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';
import { completeRows } from './complete.ts';
import type { ThinSvd } from './contract.ts';
import { NULL, type Orthogonal } from './orthogonal.ts';

const TRANSPOSE_BLOCK = 32;

/**
 * The `keep` strongest triples of a matrix of rows × cols whose short side lies along the columns of X. `x` [count, min(rows, cols)]
 * orthonormal rows, `w` [count, max(rows, cols)], of length `norms` = scale · σ; w is destroyed. keep ≤ count.
 */
export function factorsFrom(on: Arithmetic, { x, w, norms }: Orthogonal, keep: number, rows: number, cols: number, scale: number): ThinSvd {
  const tall = rows > cols;
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const s = new Float32Array(keep);
  const left = new Float32Array(keep * rows); // uᵀ
  const vt = new Float32Array(keep * cols);
  const short = tall ? vt : left;
  const long = tall ? left : vt;

  const order = Array.from(norms.keys()).sort((p, q) => norms[q]! - norms[p]! || p - q).slice(0, keep);
  const strongest = norms[order[0]!]!;
  const rank = order.filter((row) => norms[row]! > NULL * strongest).length;
  order.forEach((row, i) => {
    short.set(x.subarray(row * r, (row + 1) * r), i * r);
    if (i >= rank) return;
    const norm = norms[row]!;
    s[i] = norm / scale;
    for (let j = 0; j < n; j++) w[row * n + j]! /= norm;
    long.set(w.subarray(row * n, (row + 1) * n), i * n);
  });
  if (s[0] === Infinity) {
    throw new StudioError('bad-file', `The largest singular value, ${strongest / scale}, is beyond the range of float32.`, {
      details: { value: strongest / scale },
    });
  }
  if (rank < keep) {
    on.scope(() => {
      const known = on.float64(rank * n);
      for (let i = 0; i < rank; i++) known.set(w.subarray(order[i]! * n, (order[i]! + 1) * n), i * n);
      long.set(completeRows(on, known, rank, keep - rank, n), rank * n);
    });
  }
  fixSigns(left, vt, keep, rows, cols);
  return { u: transpose(left, keep, rows), s, vt };
}

/** Flips pairs of vectors so that the largest entry of each left one is positive. `left` [r, rows], `vt` [r, cols]. */
function fixSigns(left: Float32Array, vt: Float32Array, r: number, rows: number, cols: number): void {
  for (let i = 0; i < r; i++) {
    let extreme = 0;
    for (let j = i * rows; j < (i + 1) * rows; j++) if (Math.abs(left[j]!) > Math.abs(extreme)) extreme = left[j]!;
    if (extreme >= 0) continue;
    for (let j = i * rows; j < (i + 1) * rows; j++) left[j] = -left[j]!;
    for (let j = i * cols; j < (i + 1) * cols; j++) vt[j] = -vt[j]!;
  }
}

/** [rows, cols] → [cols, rows], in blocks that stay in the cache. */
function transpose(m: Float32Array, rows: number, cols: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * cols);
  for (let ib = 0; ib < rows; ib += TRANSPOSE_BLOCK) {
    const iEnd = Math.min(rows, ib + TRANSPOSE_BLOCK);
    for (let jb = 0; jb < cols; jb += TRANSPOSE_BLOCK) {
      const jEnd = Math.min(cols, jb + TRANSPOSE_BLOCK);
      for (let i = ib; i < iEnd; i++) for (let j = jb; j < jEnd; j++) out[j * rows + i] = m[i * cols + j]!;
    }
  }
  return out;
}
