/**
 * Deflation: which rows of a merge (divide.ts) already are eigenvectors to working precision, so that the
 * secular equation never sees them.
 *
 * Source: J. Dongarra, D. Sorensen, "A fully parallel algorithm for the symmetric eigenvalue problem", SIAM
 * J. Sci. Stat. Comput. 8, 1987; LAPACK dlaed2.
 */
import { rotate } from '../arithmetic/vector.ts';

const EPS = 2 ** -53;
const DEFLATION = 8;

/** Which half of the columns a row of the halves' eigenvectors occupies. */
export const UPPER = 0;
export const BOTH = 1;
export const LOWER = 2;

export interface Deflated {
  /** Rows that take part in the secular equation, by ascending d. */
  readonly kept: number[];
  /** Rows that are eigenvectors already. */
  readonly done: number[];
  /** By row: UPPER, BOTH or LOWER. */
  readonly span: Uint8Array;
}

/**
 * Sets aside rows with a negligible z, and, of two rows with nearly equal d, the combination that z does not
 * see. What is neglected is below DEFLATION ulps of the largest entry of the problem. Changes d, z and rows
 * of q.
 */
export function deflate(
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
