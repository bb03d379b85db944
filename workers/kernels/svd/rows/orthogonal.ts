/**
 * Turns the rows of a matrix B [r, n] so that they become orthogonal: W = X B with X orthogonal and ‖w_i‖ the
 * singular values. The heart of thinSvd and of the preview.
 *
 * Method. The eigenvectors of G = B Bᵀ, computed and summed in float64, are the rows of X. Why squaring the
 * matrix does no harm here, and where it would: the eigenproblem is solved exactly for a matrix within about
 * ε σ₁² of G (ε = 2⁻⁵³, times a small constant that grows with the size), so rows of W lose orthogonality by
 * about ε σ₁² / (σ_i σ_j). Within WEAK = 2⁻¹⁰ of σ₁ that is about 1e-10, far below the rounding of the
 * float32 that is returned. (From a float32 Gram matrix it would be of order 0.1, and the factors would still
 * multiply back to A: a test of reconstruction alone would not notice.) Rows weaker than WEAK are not
 * finished: weak.ts goes on with them.
 *
 * What is returned is float32: normalise.ts.
 *
 * Source: Å. Björck, "Numerical Methods for Least Squares Problems", §2.2 (the error of the Gram approach).
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { completeRows } from './complete.ts';
import { symmetricEigenOn } from '../eigen/eigen.ts';
import type { View } from '../arithmetic/gemm.ts';
import { gram } from './gram.ts';
import { normaliseRows } from './normalise.ts';
import { singleRange } from './single-range.ts';
import { countWeak, finishWeakRows } from './weak.ts';

/** Times the largest norm: a row of W that is not longer than this is rounding. */
const NULL = 2e-9;

export interface Orthogonal {
  /** [r, r] row-major, orthonormal. */
  readonly x: Float32Array;
  /**
   * [r, n] row-major: the rows of W as unit vectors, completed to an orthonormal set where W has null rows.
   */
  readonly v: Float32Array;
  /** [r]: the norms of the rows of W, roughly ascending, not sorted; exactly 0 for null rows. */
  readonly norms: Float64Array;
}

/**
 * W = scale · X · B. Entries of scale · B are of order one at most. The result lives in the caller's scope.
 */
export function orthogonalRows(on: Arithmetic, b: View, r: number, n: number, scale: number): Orthogonal {
  const x32 = on.float32(r * r);
  const v = on.float32(r * n);
  const norms = new Float64Array(r);
  on.scope(() => {
    const x = on.float64(r * r);
    const { values, squares } = on.scope(() => {
      const g = gram(on, b, r, n, scale * scale);
      const squares = Float64Array.from({ length: r }, (_, i) => g[i * r + i]!);
      return { squares, values: Float64Array.from(symmetricEigenOn(on, g, r, x)) };
    });
    const weak = countWeak(values, r);
    rowsToFloat32(on, x, x32, weak, r, r);
    const single =
      b.data instanceof Float32Array && isModest(scale)
        ? singleRange(x, values, squares, weak, r)
        : { from: r, to: r };
    on.scope(() => normaliseRows(on, { x, x32, b, scale, r, n }, values, weak, single, v, norms));
    if (weak === 0) return;
    const limit = NULL * maximum(norms);
    on.scope(() => finishWeakRows(on, b, weak, r, n, scale, limit, { x, v, norms }));
    rowsToFloat32(on, x, x32, 0, weak, r);
    on.scope(() => completeNull(on, v, norms, n, limit));
  });
  return { x: x32, v, norms };
}

/** Whether float32 holds the scale, and products with it, without loss. */
function isModest(scale: number): boolean {
  return scale >= 2 ** -100 && scale <= 2 ** 100;
}

/** Rows [from, to) of a matrix of `size` columns, rounded. */
function rowsToFloat32(
  on: Arithmetic,
  values: Float64Array,
  to32: Float32Array,
  from: number,
  to: number,
  size: number,
): void {
  on.scope(() => {
    const count = to - from;
    const rows = values.subarray(from * size, to * size);
    on.scaleToFloat32(
      count,
      size,
      rows,
      size,
      on.float64(count).fill(1),
      to32,
      from * size,
      size,
      on.float64(count),
    );
  });
}

/** Null rows are replaced by such as complete the others to an orthonormal set. */
function completeNull(on: Arithmetic, v: Float32Array, norms: Float64Array, n: number, limit: number): void {
  const rows = Array.from(norms.keys());
  const known = rows.filter((row) => norms[row]! > limit);
  const missing = rows.filter((row) => !(norms[row]! > limit));
  if (missing.length === 0) return;
  const given = on.float64(known.length * n);
  known.forEach((row, i) => given.set(v.subarray(row * n, (row + 1) * n), i * n));
  const added = completeRows(on, given, known.length, missing.length, n);
  missing.forEach((row, i) => {
    v.set(added.subarray(i * n, (i + 1) * n), row * n);
    norms[row] = 0;
  });
}

function maximum(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
