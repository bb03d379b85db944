/**
 * Turns the rows of a matrix B [r, n] so that they become orthogonal: W = X B with X orthogonal and ‖w_i‖ the singular values. The heart
 * of thinSvd and of the preview.
 *
 * Method. The eigenvectors of G = B Bᵀ, computed and summed in float64, are the rows of X. Why squaring the matrix does no harm
 * here, and where it would: the eigenproblem is solved exactly for a matrix within about
 * ε σ₁² of G (ε = 2⁻⁵³, times a small constant that grows with the size), so rows of W lose orthogonality by about ε σ₁² / (σ_i σ_j).
 * Within WEAK = 2⁻¹⁰ of σ₁ that is about 1e-10, far below the rounding of the float32 that is returned. (From a float32 Gram matrix
 * it would be of order 0.1, and the factors would still multiply back to A: a test of reconstruction alone would not notice.)
 * Rows weaker than WEAK are not finished: weak.ts goes on with them.
 *
 * The finished rows of W are wanted as unit vectors in float32 alone. They are made a few columns at a time, and divided
 * by √λ_i as they are rounded: for these rows it differs from ‖w_i‖ by less than 2⁻²⁴ of it. The singular value itself is
 * measured as the norm of w_i, which is better than √λ_i, whose error is ε σ₁² / σ_i.
 *
 * Source: Å. Björck, "Numerical Methods for Least Squares Problems", §2.2 (the error of the Gram approach).
 */
import type { Arithmetic } from './arithmetic.ts';
import { completeRows } from './complete.ts';
import { symmetricEigenOn } from './eigen.ts';
import { rowsOf, type View } from './gemm.ts';
import { gram } from './gram.ts';
import { STRIP } from './strip.ts';
import { countWeak, finishWeakRows } from './weak.ts';

/** Times the largest norm: a row of W that is not longer than this is rounding. */
const NULL = 2e-9;

export interface Orthogonal {
  /** [r, r] row-major, orthonormal. */
  readonly x: Float64Array;
  /** [r, n] row-major: the rows of W as unit vectors, completed to an orthonormal set where W has null rows. */
  readonly v: Float32Array;
  /** [r]: the norms of the rows of W, roughly ascending, not sorted; exactly 0 for null rows. */
  readonly norms: Float64Array;
}

/** W = scale · X · B. Entries of scale · B are of order one at most. The result lives in the caller's scope. */
export function orthogonalRows(on: Arithmetic, b: View, r: number, n: number, scale: number): Orthogonal {
  const x = on.float64(r * r);
  const v = on.float32(r * n);
  const norms = new Float64Array(r);
  const values = on.scope(() => Float64Array.from(symmetricEigenOn(on, gram(on, b, r, n, scale * scale), r, x)));
  const weak = countWeak(values, r);
  on.scope(() => normaliseStrong(on, x, b, values, weak, r, n, scale, v, norms));
  const strongest = maximum(norms);
  if (weak > 0) {
    on.scope(() => finishWeakRows(on, b, weak, r, n, scale, NULL * strongest, { x, v, norms }));
    on.scope(() => completeNull(on, v, norms, n, NULL * strongest));
  }
  return { x, v, norms };
}

/** Rows [from, r) of V and norms: those of W, w_i / √λ_i. */
function normaliseStrong(
  on: Arithmetic,
  x: Float64Array,
  b: View,
  values: Float64Array,
  from: number,
  r: number,
  n: number,
  scale: number,
  v: Float32Array,
  norms: Float64Array,
): void {
  const rows = r - from;
  if (rows === 0) return;
  const strip = on.float64(rows * STRIP);
  const squares = on.float64(rows);
  const factors = on.float64(rows);
  for (let i = 0; i < rows; i++) factors[i] = 1 / Math.sqrt(values[from + i]!);
  for (let j = 0; j < n; j += STRIP) {
    const width = Math.min(STRIP, n - j);
    const columns = { ...b, offset: b.offset + j * b.colStride };
    on.gemm(rows, width, r, { ...rowsOf(x, r), offset: from * r }, columns, { data: strip, offset: 0, rowStride: STRIP }, { alpha: scale });
    on.scaleToFloat32(rows, width, strip, STRIP, factors, v, from * n + j, n, squares);
  }
  for (let i = 0; i < rows; i++) norms[from + i] = Math.sqrt(squares[i]!);
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
