/**
 * Completes k orthonormal rows to k + missing orthonormal rows.
 *
 * Householder QR of the given rows yields reflections whose product maps e₀ … e_{k−1} onto their span, so it
 * maps the next unit vectors onto its complement: orthonormal to working precision whatever the given rows
 * are, with no random trial vectors and no second orthogonalisation.
 *
 * Source: G. Golub, C. Van Loan, "Matrix Computations", 4th ed., §5.2; LAPACK dgeqr2/dorgqr.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { applyReflectors } from '../eigen/backtransform.ts';
import { makeReflector } from '../eigen/tridiagonal.ts';

/**
 * `given` [k, size] row-major, orthonormal; destroyed. Returns [missing, size], orthogonal to them and to
 * each other. k + missing ≤ size.
 */
export function completeRows(
  on: Arithmetic,
  given: Float64Array,
  k: number,
  missing: number,
  size: number,
): Float64Array {
  const tau = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const v = i * size + i;
    const length = size - i;
    tau[i] = makeReflector(on, length, given, v).tau;
    given.fill(0, i * size, v);
    if (tau[i] === 0) continue;
    for (let row = i + 1; row < k; row++) {
      const at = row * size + i;
      on.axpy(length, -tau[i]! * on.dot(length, given, v, given, at), given, v, given, at);
    }
  }
  const rows = on.float64(missing * size);
  for (let q = 0; q < missing; q++) rows[q * size + k + q] = 1;
  applyReflectors(on, rows, missing, { count: k, shift: 0, size, vectors: given, tau });
  return rows;
}
