/**
 * Eigenvalues and eigenvectors of diag(d) + ρ z zᵀ, the heart of a merge (divide.ts).
 *
 * Orthogonality does not rest on the roots being exact: z is recomputed as the vector for which the computed
 * roots ARE exact (Löwner's formula), after which the vectors are orthogonal to working precision.
 *
 * The reference of wasm/rank-one.ts: the order of every operation is part of the result's bytes.
 *
 * Source: M. Gu, S. Eisenstat, "A divide-and-conquer algorithm for the symmetric tridiagonal eigenproblem",
 * SIAM J. Matrix Anal. Appl. 16, 1995, eq. 3.3; LAPACK dlaed3.
 */
import { secularRoot } from './secular.ts';
import { dot } from '../arithmetic/vector.ts';

/**
 * No entry deflatable: `d` [k] ascending and distinct, `z` [k] without zeros, ρ > 0. `roots` [k] gets the
 * eigenvalues, ascending. Row j of `coefficients` [k, k] gets the j-th eigenvector, its i-th component at
 * column position[i]. `scratch` [3 k]. Returns true, or false when a root was not found.
 */
export function rankOneEigen(
  k: number,
  d: Float64Array,
  z: Float64Array,
  rho: number,
  position: Int32Array,
  roots: Float64Array,
  coefficients: Float64Array,
  scratch: Float64Array,
): boolean {
  const z2 = scratch.subarray(0, k);
  const zHat = scratch.subarray(k, 2 * k);
  const vector = scratch.subarray(2 * k, 3 * k);
  for (let i = 0; i < k; i++) z2[i] = z[i]! * z[i]!;
  for (let j = 0; j < k; j++) {
    const root = secularRoot(k, j, d, z2, rho, coefficients, j * k); // d_i − λ_j at [j, i]
    if (Number.isNaN(root)) return false;
    roots[j] = root;
  }
  // ẑ_i² = Π_j (λ_j − d_i) / Π_{j≠i} (d_j − d_i), up to a factor common to all i.
  zHat.fill(1);
  for (let j = 0; j < k; j++) {
    const row = j * k;
    for (let i = 0; i < j; i++) zHat[i]! *= coefficients[row + i]! / (d[i]! - d[j]!);
    zHat[j]! *= coefficients[row + j]!;
    for (let i = j + 1; i < k; i++) zHat[i]! *= coefficients[row + i]! / (d[i]! - d[j]!);
  }
  for (let i = 0; i < k; i++) {
    const size = Math.sqrt(Math.abs(zHat[i]!));
    zHat[i] = z[i]! < 0 ? -size : size;
  }
  for (let j = 0; j < k; j++) {
    const row = j * k;
    for (let i = 0; i < k; i++) vector[i] = zHat[i]! / coefficients[row + i]!;
    const scale = 1 / Math.sqrt(dot(k, vector, 0, vector, 0));
    for (let i = 0; i < k; i++) coefficients[row + position[i]!] = vector[i]! * scale;
  }
  return true;
}
