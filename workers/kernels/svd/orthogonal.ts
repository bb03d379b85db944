/**
 * Turns the rows of a matrix B [r, n] so that they become orthogonal: W = X B with X orthogonal and ‖w_i‖ the singular values. The heart
 * of thinSvd and of the preview.
 *
 * Method. The eigenvectors of G = B Bᵀ, computed and summed in float64, are the rows of X. Why squaring the matrix does no harm
 * here, and where it would: the eigenproblem is solved exactly for a matrix within about
 * ε σ₁² of G (ε = 2⁻⁵³, times a small constant that grows with the size), so rows of W lose orthogonality by about ε σ₁² / (σ_i σ_j).
 * Within WEAK = 2⁻¹⁰ of σ₁ that is about 1e-10, far below the rounding of the float32 that is returned. (From a float32 Gram matrix
 * it would be of order 0.1, and the factors would still multiply back to A: a test of reconstruction alone would not notice.)
 * Rows weaker than WEAK are not finished: their Gram matrix is taken again, from W and so without the strong directions beside
 * them, which gives the next three digits; and so on until the weakest row is reached or found to be zero.
 *
 * What remains: w_i carries the rounding of X, tens of ε σ₁. The part of it along stronger rows, which would spoil orthogonality,
 * is projected out before each further pass; the rest leaves an error of that size in σ_i, which in the tests is below float32's
 * own rounding (6e-8 of σ_i) for every σ_i above NULL = 2e-9 · σ₁. Below NULL a row is to be taken for rounding. σ_i is measured as
 * the norm of w_i, never as √λ_i, whose error would be ε σ₁² / σ_i.
 *
 * Source: Å. Björck, "Numerical Methods for Least Squares Problems", §2.2 (the error of the Gram approach).
 */
import type { Arithmetic } from './arithmetic.ts';
import { symmetricEigenOn } from './eigen.ts';
import type { View } from './gemm.ts';
import { gram } from './gram.ts';
import { powerOfTwoBelow } from './scale.ts';

const WEAK = 2 ** -10;

/** Times the largest norm: a row of W that is not longer than this is rounding. */
export const NULL = 2e-9;

export interface Orthogonal {
  /** [r, r] row-major. */
  readonly x: Float64Array;
  /** [r, n] row-major. */
  readonly w: Float64Array;
  /** [r]: the lengths of the rows of W. */
  readonly norms: Float64Array;
}

/**
 * X orthogonal [r, r] and W = scale · X · B [r, n] with orthogonal rows of the given norms; roughly ascending, not sorted.
 */
export function rotateToOrthogonal(
  on: Arithmetic,
  b: View,
  r: number,
  n: number,
  scale: number,
): Orthogonal {
  const x = on.float64(r * r);
  on.scope(() => symmetricEigenOn(on, gram(on, b, r, n, scale * scale), r, x));
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
    on.scope(() => turnWeak(on, x, w, weak, r, n, powerOfTwoBelow(1 / maximum(norms, weak))));
    measureRows(on, w, weak, n, norms);
    weak = countWeak(norms, weak);
  }
  return { x, w, norms };
}

/** Makes rows [0, weak) of W orthogonal among themselves, by the same turn of those rows of X. blockScale · W is of order one. */
function turnWeak(on: Arithmetic, x: Float64Array, w: Float64Array, weak: number, r: number, n: number, blockScale: number): void {
  const source = packedRows(copyOf(on, w.subarray(0, weak * n)), n);
  const y = on.float64(weak * weak);
  on.scope(() => symmetricEigenOn(on, gram(on, source, weak, n, blockScale * blockScale), weak, y));
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
