/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by divide and conquer.
 *
 * T is torn into two halves and a rank-one matrix, T = diag(T₁, T₂) + ρ v vᵀ. With the halves solved, the
 * problem is D + ρ z zᵀ: entries that already are eigenvalues to working precision are set aside
 * (deflate.ts), the rest are roots of a secular equation (rank-one.ts), and the eigenvectors of the whole are
 * a product of the coefficients with those of the halves.
 *
 * Source: J. Cuppen, "A divide and conquer method for the symmetric tridiagonal eigenproblem", Numer. Math.
 * 36, 1981; M. Gu, S. Eisenstat, "A divide-and-conquer algorithm for the symmetric tridiagonal eigenproblem",
 * SIAM J. Matrix Anal. Appl. 16, 1995; LAPACK dstedc/dlaed1/dlaed2/dlaed3. Eigenvectors are rows here.
 */
import { StudioError } from '../../../../core/errors.ts';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { BOTH, deflate, LOWER, UPPER } from './deflate.ts';
import { solveByQl } from './ql.ts';
import { NEGLIGIBLE } from '../arithmetic/vector.ts';

const LEAF = 32;

/**
 * `diagonal` [n] becomes the eigenvalues, ascending; `offDiagonal` [n] is destroyed. `vectors` [n, n], given
 * as zeros, gets the eigenvectors as rows.
 */
export function solveTridiagonal(
  on: Arithmetic,
  n: number,
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  vectors: Float64Array,
): void {
  solve(on, n, 0, diagonal, offDiagonal, vectors, n);
}

/** The diagonal block of size n at index `at`; entries of `q` outside diagonal blocks are still 0. */
function solve(
  on: Arithmetic,
  n: number,
  at: number,
  d: Float64Array,
  e: Float64Array,
  q: Float64Array,
  stride: number,
): void {
  if (n <= LEAF) {
    solveByQl(n, at, d, e, q, stride);
    return;
  }
  const upper = n >> 1;
  const joint = e[at + upper - 1]!;
  const size = Math.abs(joint);
  d[at + upper - 1]! -= size;
  d[at + upper]! -= size;
  solve(on, upper, at, d, e, q, stride);
  solve(on, n - upper, at + upper, d, e, q, stride);
  on.scope(() => merge(on, n, upper, at, joint, d, q, stride));
}

function merge(
  on: Arithmetic,
  n: number,
  upper: number,
  at: number,
  joint: number,
  diagonal: Float64Array,
  q: Float64Array,
  stride: number,
): void {
  const d = diagonal.subarray(at, at + n);
  const rowAt = (i: number): number => (at + i) * stride + at;

  // z = Qᵀv, v = e_{upper−1} ± e_{upper}; normalised, its length goes into ρ.
  const z = new Float64Array(n);
  for (let i = 0; i < upper; i++) z[i] = q[rowAt(i) + upper - 1]!;
  for (let i = upper; i < n; i++) z[i] = joint < 0 ? -q[rowAt(i) + upper]! : q[rowAt(i) + upper]!;
  let norm2 = 0;
  for (let i = 0; i < n; i++) norm2 += z[i]! * z[i]!;
  const rho = Math.abs(joint) < NEGLIGIBLE ? 0 : Math.abs(joint) * norm2;
  const scale = 1 / Math.sqrt(norm2);
  for (let i = 0; i < n; i++) z[i]! *= scale;

  const { kept, done, span } = deflate(n, upper, d, z, rho, q, rowAt);
  const k = kept.length;

  // Positions of the kept rows, grouped by span, so that the zero blocks of the halves' eigenvectors are
  // never multiplied.
  const groupSizes = [0, 0, 0];
  for (const row of kept) groupSizes[span[row]!]!++;
  const nextFree = [0, groupSizes[UPPER]!, groupSizes[UPPER]! + groupSizes[BOTH]!];
  const position = kept.map((row) => nextFree[span[row]!]!++);
  const lowerStart = groupSizes[UPPER]!; // first position with entries in the lower columns
  const upperEnd = lowerStart + groupSizes[BOTH]!; // end of those with entries in the upper columns

  const poles = on.float64(k);
  poles.set(kept.map((row) => d[row]!));
  const weights = on.float64(k);
  weights.set(kept.map((row) => z[row]!));
  const roots = on.float64(k);
  const coefficients = on.float64(k * k);
  if (!on.rankOneEigen(k, poles, weights, rho, on.int32(position), roots, coefficients, on.float64(3 * k))) {
    throw new StudioError('internal', `A root of a secular equation of ${k} poles did not converge.`);
  }

  // What the products read, and what they leave alone, is copied out of the rows that they overwrite.
  const upperRows = on.float64(upperEnd * upper);
  const lowerRows = on.float64((k - lowerStart) * (n - upper));
  kept.forEach((row, i) => {
    const to = position[i]!;
    const from = rowAt(row);
    if (span[row] !== LOWER) upperRows.set(q.subarray(from, from + upper), to * upper);
    if (span[row] !== UPPER)
      lowerRows.set(q.subarray(from + upper, from + n), (to - lowerStart) * (n - upper));
  });
  done.sort((a, b) => d[a]! - d[b]! || a - b);
  const doneValues = done.map((row) => d[row]!);
  const doneRows = done.map((row) => q.slice(rowAt(row), rowAt(row) + n));

  on.gemm(
    k,
    upper,
    upperEnd,
    { data: coefficients, offset: 0, rowStride: k, colStride: 1 },
    { data: upperRows, offset: 0, rowStride: upper, colStride: 1 },
    { data: q, offset: rowAt(0), rowStride: stride },
  );
  on.gemm(
    k,
    n - upper,
    k - lowerStart,
    { data: coefficients, offset: lowerStart, rowStride: k, colStride: 1 },
    { data: lowerRows, offset: 0, rowStride: n - upper, colStride: 1 },
    { data: q, offset: rowAt(0) + upper, rowStride: stride },
  );

  // Merge the two ascending lists, from their ends: row i is free, because i − (what is left of both lists)
  // counts those already moved.
  let fresh = k - 1;
  let old = done.length - 1;
  for (let i = n - 1; old >= 0; i--) {
    if (fresh >= 0 && roots[fresh]! > doneValues[old]!) {
      d[i] = roots[fresh]!;
      q.copyWithin(rowAt(i), rowAt(fresh), rowAt(fresh) + n);
      fresh--;
    } else {
      d[i] = doneValues[old]!;
      q.set(doneRows[old]!, rowAt(i));
      old--;
    }
  }
  for (; fresh >= 0; fresh--) d[fresh] = roots[fresh]!;
}
