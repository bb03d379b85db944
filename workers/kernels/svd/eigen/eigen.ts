/**
 * Eigenvalues and eigenvectors of a dense symmetric matrix: tridiagonalise, divide and conquer, transform
 * back (LAPACK dsyevd). Backward stable: the results are exact for a matrix within a modest multiple of 2⁻⁵³
 * · ‖A‖ of the given one.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { applyReflectors } from './backtransform.ts';
import { solveTridiagonal } from './divide.ts';
import { tridiagonalise } from './tridiagonal.ts';

/**
 * `a` [n, n] row-major, lower triangle, entries of order one; destroyed. `vectors` [n, n], given as zeros,
 * gets the eigenvector of value i as row i. Returns the values, ascending, which live in the caller's scope.
 */
export function symmetricEigenOn(
  on: Arithmetic,
  a: Float64Array,
  n: number,
  vectors: Float64Array,
): Float64Array {
  const { diagonal, offDiagonal, reflectors } = tridiagonalise(on, a, n);
  solveTridiagonal(on, n, diagonal, offDiagonal, vectors);
  applyReflectors(on, vectors, n, reflectors);
  return diagonal;
}
