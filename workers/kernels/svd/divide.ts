/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by divide and conquer.
 *
 * T is torn into two halves and a rank-one matrix, T = diag(T₁, T₂) + ρ v vᵀ. With the halves solved, the problem is
 * D + ρ z zᵀ: entries that already are eigenvalues to working precision are set aside (deflated), the rest are roots of a
 * secular equation (secular.ts), and the eigenvectors of the whole are a product of the coefficients with those of the halves.
 *
 * Orthogonality does not rest on the roots being exact: z is recomputed as the vector for which the computed roots ARE exact
 * (Löwner's formula), after which the coefficient vectors are orthogonal to working precision.
 *
 * Source: J. Cuppen, "A divide and conquer method for the symmetric tridiagonal eigenproblem", Numer. Math. 36, 1981; M. Gu,
 * S. Eisenstat, "A divide-and-conquer algorithm for the symmetric tridiagonal eigenproblem", SIAM J. Matrix Anal. Appl. 16, 1995;
 * LAPACK dstedc/dlaed1/dlaed2/dlaed3. Eigenvectors are rows here.
 */
import type { Arithmetic } from './arithmetic.ts';
import { solveByQl } from './ql.ts';
import { secularRoot } from './secular.ts';
import { NEGLIGIBLE, rotate } from './vector.ts';

const LEAF = 32;
const EPS = 2 ** -53;
const DEFLATION = 8;

/** Which half of the columns a row of the halves' eigenvectors occupies. */
const UPPER = 0;
const BOTH = 1;
const LOWER = 2;

/**
 * `diagonal` [n] becomes the eigenvalues, ascending; `offDiagonal` [n] is destroyed. `vectors` [n, n], given as zeros, gets the
 * eigenvectors as rows.
 */
export function solveTridiagonal(on: Arithmetic, n: number, diagonal: Float64Array, offDiagonal: Float64Array, vectors: Float64Array): void {
  solve(on, n, 0, diagonal, offDiagonal, vectors, n);
}

/** The diagonal block of size n at index `at`; entries of `q` outside diagonal blocks are still 0. */
function solve(on: Arithmetic, n: number, at: number, d: Float64Array, e: Float64Array, q: Float64Array, stride: number): void {
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

interface Deflated {
  /** Rows that take part in the secular equation, by ascending d. */
  readonly kept: number[];
  /** Rows that are eigenvectors already. */
  readonly done: number[];
  /** By row: UPPER, BOTH or LOWER. */
  readonly span: Uint8Array;
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

  // Positions of the kept rows, grouped by span, so that the zero blocks of the halves' eigenvectors are never multiplied.
  const groupSizes = [0, 0, 0];
  for (const row of kept) groupSizes[span[row]!]!++;
  const nextFree = [0, groupSizes[UPPER]!, groupSizes[UPPER]! + groupSizes[BOTH]!];
  const position = kept.map((row) => nextFree[span[row]!]!++);
  const lowerStart = groupSizes[UPPER]!; // first position with entries in the lower columns
  const upperEnd = lowerStart + groupSizes[BOTH]!; // end of those with entries in the upper columns

  const { roots, coefficients } = rankOneEigen(on, kept.map((row) => d[row]!), kept.map((row) => z[row]!), rho, position);

  const upperRows = on.float64(upperEnd * upper);
  const lowerRows = on.float64((k - lowerStart) * (n - upper));
  kept.forEach((row, i) => {
    const to = position[i]!;
    const from = rowAt(row);
    if (span[row] !== LOWER) upperRows.set(q.subarray(from, from + upper), to * upper);
    if (span[row] !== UPPER) lowerRows.set(q.subarray(from + upper, from + n), (to - lowerStart) * (n - upper));
  });
  const fresh = on.float64(k * n);
  on.gemm(
    k,
    upper,
    upperEnd,
    { data: coefficients, offset: 0, rowStride: k, colStride: 1 },
    { data: upperRows, offset: 0, rowStride: upper, colStride: 1 },
    { data: fresh, offset: 0, rowStride: n },
  );
  on.gemm(
    k,
    n - upper,
    k - lowerStart,
    { data: coefficients, offset: lowerStart, rowStride: k, colStride: 1 },
    { data: lowerRows, offset: 0, rowStride: n - upper, colStride: 1 },
    { data: fresh, offset: upper, rowStride: n },
  );

  // Merge the two ascending lists of eigenvalues and put every row in its place.
  done.sort((a, b) => d[a]! - d[b]! || a - b);
  const doneValues = done.map((row) => d[row]!);
  const doneRows = new Float64Array(done.length * n);
  done.forEach((row, i) => doneRows.set(q.subarray(rowAt(row), rowAt(row) + n), i * n));
  let f = 0;
  let o = 0;
  for (let i = 0; i < n; i++) {
    const useFresh = f < k && (o >= done.length || roots[f]! <= doneValues[o]!);
    if (useFresh) {
      d[i] = roots[f]!;
      q.set(fresh.subarray(f * n, (f + 1) * n), rowAt(i));
      f++;
    } else {
      d[i] = doneValues[o]!;
      q.set(doneRows.subarray(o * n, (o + 1) * n), rowAt(i));
      o++;
    }
  }
}

/**
 * Sets aside rows with a negligible z, and, of two rows with nearly equal d, the combination that z does not see (LAPACK dlaed2).
 * What is neglected is below DEFLATION ulps of the largest entry of the problem. Changes d, z and rows of q.
 */
function deflate(
  n: number,
  upper: number,
  d: Float64Array,
  z: Float64Array,
  rho: number,
  q: Float64Array,
  rowAt: (i: number) => number,
): Deflated {
  const span = new Uint8Array(n);
  span.fill(LOWER, upper);
  let dMax = 0;
  let zMax = 0;
  for (let i = 0; i < n; i++) {
    dMax = Math.max(dMax, Math.abs(d[i]!));
    zMax = Math.max(zMax, Math.abs(z[i]!));
  }
  const tolerance = DEFLATION * EPS * Math.max(dMax, rho * zMax);

  const kept: number[] = [];
  const done: number[] = [];
  let candidate = -1; // the last row that was not set aside; it may yet be combined with the next one
  let i = 0;
  let j = upper;
  for (let step = 0; step < n; step++) {
    const row = i < upper && (j >= n || d[i]! <= d[j]!) ? i++ : j++;
    if (rho * Math.abs(z[row]!) <= tolerance) {
      done.push(row);
      continue;
    }
    if (candidate < 0) {
      candidate = row;
      continue;
    }
    const length = Math.sqrt(z[row]! * z[row]! + z[candidate]! * z[candidate]!);
    const c = z[row]! / length;
    const s = -z[candidate]! / length;
    if (Math.abs((d[row]! - d[candidate]!) * c * s) <= tolerance) {
      z[row] = length;
      z[candidate] = 0;
      if (span[row] !== span[candidate]) span[row] = BOTH;
      rotate(n, c, s, q, rowAt(candidate), rowAt(row));
      const dc = d[candidate]!;
      const dr = d[row]!;
      d[candidate] = dc * c * c + dr * s * s;
      d[row] = dc * s * s + dr * c * c;
      done.push(candidate);
    } else {
      kept.push(candidate);
    }
    candidate = row;
  }
  if (candidate >= 0) kept.push(candidate);
  return { kept, done, span };
}

/**
 * Eigenvalues (ascending) and eigenvectors of diag(d) + ρ z zᵀ, no entry deflatable. Row j of `coefficients` [k, k] is the j-th
 * eigenvector, its i-th component stored at column position[i].
 */
function rankOneEigen(
  on: Arithmetic,
  poles: readonly number[],
  weights: readonly number[],
  rho: number,
  position: readonly number[],
): { readonly roots: Float64Array; readonly coefficients: Float64Array } {
  const k = poles.length;
  const d = on.float64(k);
  d.set(poles);
  const z2 = on.float64(k);
  weights.forEach((w, i) => (z2[i] = w * w));
  const sums = on.float64(2);
  const roots = new Float64Array(k);
  const coefficients = on.float64(k * k); // first d_i − λ_j at [j, i]
  for (let j = 0; j < k; j++) roots[j] = secularRoot(on, k, j, d, z2, rho, coefficients, j * k, sums);

  // ẑ_i² = Π_j (λ_j − d_i) / Π_{j≠i} (d_j − d_i), up to a factor common to all i (Gu and Eisenstat, eq. 3.3).
  const zHat = on.float64(k).fill(1);
  for (let j = 0; j < k; j++) {
    const dj = d[j]!;
    const row = j * k;
    on.timesRatios(j, zHat, 0, coefficients, row, d, 0, dj);
    zHat[j]! *= coefficients[row + j]!;
    on.timesRatios(k - j - 1, zHat, j + 1, coefficients, row + j + 1, d, j + 1, dj);
  }
  for (let i = 0; i < k; i++) {
    const size = Math.sqrt(Math.abs(zHat[i]!));
    zHat[i] = weights[i]! < 0 ? -size : size;
  }
  const vector = on.float64(k);
  for (let j = 0; j < k; j++) {
    const row = j * k;
    on.quotients(k, zHat, coefficients, row, vector);
    const scale = 1 / Math.sqrt(on.dot(k, vector, 0, vector, 0));
    for (let i = 0; i < k; i++) coefficients[row + position[i]!] = vector[i]! * scale;
  }
  return { roots, coefficients };
}
