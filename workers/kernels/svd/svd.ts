/**
 * Thin singular value decomposition of a dense matrix (contract.ts says what is promised).
 *
 * Method. Let B [r, N] be the matrix with its short side as rows. The eigenvectors of G = B Bᵀ, computed and summed in float64, are
 * the rows of X; W = X B has orthogonal rows, σ_i = ‖w_i‖, and the other side is w_i / σ_i. This does about 3 r² N + 5 r³
 * operations, most of them in matrix products; a bidiagonalisation waits for memory in half of its own.
 *
 * Why squaring the matrix does no harm here, and where it would. The eigenproblem is solved exactly for a matrix within about
 * ε σ₁² of G (ε = 2⁻⁵³, times a small constant that grows with the size), so rows of W lose orthogonality by about ε σ₁² / (σ_i σ_j).
 * Within WEAK = 2⁻¹⁰ of σ₁ that is about 1e-10, far below the rounding of the float32 that is returned. (From a float32 Gram matrix
 * it would be of order 0.1, and the factors would still multiply back to A: a test of reconstruction alone would not notice.)
 * Rows weaker than WEAK are not finished: their Gram matrix is taken again, from W and so without the strong directions beside
 * them, which gives the next three digits; and so on until the weakest row is reached or found to be zero.
 *
 * What remains: w_i carries the rounding of X, tens of ε σ₁. The part of it along stronger rows, which would spoil orthogonality,
 * is projected out before each further pass; the rest leaves an error of that size in σ_i, which in the tests is below float32's
 * own rounding (6e-8 of σ_i) for every σ_i above NULL = 2e-9 · σ₁. Below NULL a row is taken for rounding: σ is reported as 0 and
 * the vector replaced by one that completes the basis. σ_i is measured as the norm of w_i, never as √λ_i, whose error would be
 * ε σ₁² / σ_i.
 *
 * Source: G. Golub, C. Van Loan, "Matrix Computations", 4th ed., §8.6; the error of the Gram approach: Å. Björck, "Numerical Methods
 * for Least Squares Problems", §2.2.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';
import { completeRows } from './complete.ts';
import type { ThinSvd, ThinSvdFunction } from './contract.ts';
import { symmetricEigen } from './eigen.ts';
import type { View } from './gemm.ts';
import { gram } from './gram.ts';
import { checkSvdMemory, svdMemoryError, svdWorkingBytes } from './memory.ts';
import { plain } from './plain.ts';
import { openSimd } from './simd.ts';

/** For cache keys: changes whenever a byte of any result may change. */
export const kernelVersion = 'svd-gram64-2';

const WEAK = 2 ** -10;
const NULL = 2e-9;
const TRANSPOSE_BLOCK = 32;

/**
 * Floating-point operations of one call, for estimates of time. Passes over weak rows are not counted: they depend on the data. A
 * 576 × 1536 matrix of rank 8 up to float32 rounding takes 2.6 times as long as one of full rank.
 */
export function svdFlops(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const gramAndProduct = 3 * r * r * n;
  const tridiagonalise = (4 / 3) * r ** 3;
  const divideAndConquer = (4 / 3) * r ** 3;
  const backTransform = 2 * r ** 3;
  return gramAndProduct + tridiagonalise + divideAndConquer + backTransform;
}

export const thinSvd: ThinSvdFunction = (a, rows, cols) => {
  checkShape(a, rows, cols);
  checkSvdMemory(rows, cols);
  try {
    return thinSvdOn(openSimd(svdWorkingBytes(rows, cols)) ?? plain, a, rows, cols);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw svdMemoryError(rows, cols, thrown); // what engines throw when an array cannot be had
    throw thrown;
  }
};

/** thinSvd with the arithmetic of the caller's choice, which has room for svdWorkingBytes(rows, cols). The shape is right. */
export function thinSvdOn(on: Arithmetic, a: Float32Array, rows: number, cols: number): ThinSvd {
  const scale = powerOfTwoNear(1 / largestMagnitude(a, cols));
  const tall = rows > cols;
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const s = new Float32Array(r);
  const left = new Float32Array(r * rows); // uᵀ
  const vt = new Float32Array(r * cols);
  const short = tall ? vt : left;
  const long = tall ? left : vt;

  on.scope(() => {
    const b: View = { data: on.float32Copy(a), offset: 0, rowStride: tall ? 1 : cols, colStride: tall ? cols : 1 };
    const { x, w, norms } = rotateToOrthogonal(on, b, r, n, scale);
    const order = Array.from(norms.keys()).sort((p, q) => norms[q]! - norms[p]! || p - q);
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
    if (rank < r) {
      const known = on.float64(rank * n);
      for (let i = 0; i < rank; i++) known.set(w.subarray(order[i]! * n, (order[i]! + 1) * n), i * n);
      long.set(completeRows(on, known, rank, r - rank, n), rank * n);
    }
  });
  fixSigns(left, vt, r, rows, cols);
  return { u: transpose(left, r, rows), s, vt };
}

/**
 * X orthogonal [r, r] and W = scale · X · B [r, n] with orthogonal rows of the given norms; roughly ascending, not sorted.
 */
function rotateToOrthogonal(
  on: Arithmetic,
  b: View,
  r: number,
  n: number,
  scale: number,
): { x: Float64Array; w: Float64Array; norms: Float64Array } {
  const x = on.float64(r * r);
  on.scope(() => symmetricEigen(on, gram(on, b, r, n, scale * scale), r, x));
  const w = on.float64(r * n);
  on.gemm(r, n, r, packedRows(x, r), b, { data: w, offset: 0, rowStride: n }, { alpha: scale });
  const norms = new Float64Array(r);
  measureRows(on, w, r, n, norms);
  const strongest = maximum(norms, r);

  // Rows [0, weak) are those of a pass that are too weak for its precision. Eigenvalues ascend, so they come first.
  let weak = countWeak(norms, r);
  while (weak > 0 && maximum(norms, weak) > NULL * strongest) {
    on.scope(() => removeStrong(on, w, weak, r, n, norms));
    measureRows(on, w, weak, n, norms);
    on.scope(() => turnWeak(on, x, w, weak, r, n, powerOfTwoNear(1 / maximum(norms, weak))));
    measureRows(on, w, weak, n, norms);
    weak = countWeak(norms, weak);
  }
  return { x, w, norms };
}

/** Makes rows [0, weak) of W orthogonal among themselves, by the same turn of those rows of X. blockScale · W is of order one. */
function turnWeak(on: Arithmetic, x: Float64Array, w: Float64Array, weak: number, r: number, n: number, blockScale: number): void {
  const source = packedRows(copyOf(on, w.subarray(0, weak * n)), n);
  const y = on.float64(weak * weak);
  on.scope(() => symmetricEigen(on, gram(on, source, weak, n, blockScale * blockScale), weak, y));
  const turn = packedRows(y, weak);
  on.gemm(weak, n, weak, turn, source, { data: w, offset: 0, rowStride: n });
  on.gemm(weak, r, weak, turn, packedRows(copyOf(on, x.subarray(0, weak * r)), r), { data: x, offset: 0, rowStride: r });
}

/**
 * Takes out of rows [0, weak) what they have in common with the rows after them: the rounding of X, about ε σ₁ along each strong
 * direction. The matching change of X would be about ε, below its own rounding, so X stays.
 */
function removeStrong(on: Arithmetic, w: Float64Array, weak: number, r: number, n: number, norms: Float64Array): void {
  const strong = r - weak;
  const strongRows: View = { data: w, offset: weak * n, rowStride: n, colStride: 1 };
  const strongColumns: View = { ...strongRows, rowStride: 1, colStride: n };
  const common = on.float64(weak * strong);
  on.gemm(weak, strong, n, packedRows(w, n), strongColumns, { data: common, offset: 0, rowStride: strong });
  for (let i = 0; i < weak; i++) {
    for (let j = 0; j < strong; j++) common[i * strong + j]! /= norms[weak + j]! * norms[weak + j]!;
  }
  const target = { data: w, offset: 0, rowStride: n };
  on.gemm(weak, n, strong, packedRows(common, strong), strongRows, target, { alpha: -1, accumulate: true });
}

function copyOf(on: Arithmetic, values: Float64Array): Float64Array {
  const copy = on.float64(values.length);
  copy.set(values);
  return copy;
}

function packedRows(data: Float64Array, rowStride: number): View {
  return { data, offset: 0, rowStride, colStride: 1 };
}

/** How many of the first `count` rows, counted up to the last weak one, are weak beside the strongest of them. Less than `count`. */
function countWeak(norms: Float64Array, count: number): number {
  const threshold = WEAK * maximum(norms, count);
  let weak = count;
  while (weak > 0 && norms[weak - 1]! >= threshold) weak--;
  return weak;
}

function measureRows(on: Arithmetic, w: Float64Array, count: number, n: number, norms: Float64Array): void {
  for (let i = 0; i < count; i++) norms[i] = Math.sqrt(on.dot(n, w, i * n, w, i * n));
}

function maximum(values: Float64Array, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) if (values[i]! > most) most = values[i]!;
  return most;
}

/** The largest power of two that is ≤ value; 1 for 1/0. Multiplying by it is exact. */
function powerOfTwoNear(value: number): number {
  if (value === Infinity) return 1;
  let power = 1;
  while (power > value) power /= 2;
  while (power * 2 <= value) power *= 2;
  return power;
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

function checkShape(a: Float32Array, rows: number, cols: number): void {
  const sound = Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && rows > 0 && cols > 0 && a.length === rows * cols;
  if (!sound) {
    throw new StudioError('bad-request', `A matrix of ${rows} × ${cols} cannot be read from ${a.length} values.`, {
      details: { rows, cols, value: a.length },
    });
  }
}

/** Largest |value|; throws on the first one that is not finite. */
function largestMagnitude(a: Float32Array, cols: number): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size < Infinity)) {
      const row = Math.floor(i / cols);
      const column = i % cols;
      throw new StudioError('bad-file', `The matrix holds ${a[i]} at row ${row}, column ${column}; it cannot be decomposed.`, {
        details: { row, column, value: String(a[i]) },
      });
    }
    if (size > most) most = size;
  }
  return most;
}
