/**
 * Eigenvalues and eigenvectors of a dense symmetric matrix: tridiagonalise, divide and conquer, transform back (LAPACK dsyevd).
 * Backward stable: the results are exact for a matrix within a modest multiple of 2⁻⁵³ · ‖A‖ of the given one.
 */
import { applyReflectors } from './backtransform.ts';
import { solveTridiagonal } from './divide.ts';
import { tridiagonalise } from './tridiagonal.ts';

export interface SymmetricEigen {
  /** [n], ascending. */
  readonly values: Float64Array;
  /** [n, n] row-major: row i is the eigenvector of values[i]. */
  readonly vectors: Float64Array;
}

/** `a` [n, n] row-major, lower triangle, entries of order one; destroyed. */
export function symmetricEigen(a: Float64Array, n: number): SymmetricEigen {
  const { diagonal, offDiagonal, reflectors } = tridiagonalise(a, n);
  const vectors = solveTridiagonal(n, diagonal, offDiagonal);
  applyReflectors(vectors, n, reflectors);
  return { values: diagonal, vectors };
}
