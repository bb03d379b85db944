/**
 * A look at finished factors that owes nothing to the device: what it returned is held against the matrix in
 * float64, along a few random directions. For z of random signs, E‖M z‖² = ‖M‖_F², so ‖M z‖ tells the size of
 * an error matrix M that is never formed.
 *
 * Source: M. Hutchinson, "A stochastic estimator of the trace of the influence matrix", Commun. Stat. 18,
 * 1989. O(rows · cols) a direction.
 */
import type { ThinSvd } from '../svd/contract.ts';

/** Enough where an error has no direction of its own, as rounding has not. */
const first = 4;
/**
 * Where few strong subspaces make the error, a few directions say little: over this many it is known to about
 * a third.
 */
const most = 16;

export interface ProbedErrors {
  /** ‖A − U diag(s) Vᵀ‖_F / ‖A‖_F */
  readonly reconstruction: number;
  /** Root mean square of the entries of UᵀU − I and of VᵀV − I, the larger one. */
  readonly fromOrthonormal: number;
}

/** Estimates, the first one looked at again if it is above `suspect`; NaN when a factor holds one. */
export function probe(
  a: Float32Array,
  rows: number,
  cols: number,
  { u, s, vt }: ThinSvd,
  suspect: number,
): ProbedErrors {
  const r = s.length;
  const signs = randomSigns();
  let norm2 = 0;
  for (let i = 0; i < a.length; i++) norm2 += a[i]! * a[i]!;
  let residual2 = 0;
  let ofU2 = 0;
  let ofV2 = 0;
  const reconstruction = (count: number): number => Math.sqrt(residual2 / count / norm2);
  let count = 0;
  while (count < first || (count < most && !(reconstruction(count) <= suspect))) {
    count++;
    const z = signs(cols);
    const along = times(vt, r, cols, z).map((value, i) => value * s[i]!);
    residual2 += distance2(times(a, rows, cols, z), times(u, rows, r, along));
    const y = signs(r);
    ofU2 += distance2(y, timesTransposed(u, rows, r, times(u, rows, r, y)));
    ofV2 += distance2(y, times(vt, r, cols, timesTransposed(vt, r, cols, y)));
  }
  return {
    reconstruction: reconstruction(count),
    fromOrthonormal: Math.sqrt(Math.max(ofU2, ofV2) / count) / r,
  };
}

/** m [rows, cols] times x [cols]. */
function times(m: Float32Array, rows: number, cols: number, x: Float64Array): Float64Array {
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += m[i * cols + j]! * x[j]!;
    y[i] = sum;
  }
  return y;
}

/** The transpose of m [rows, cols] times x [rows]. */
function timesTransposed(m: Float32Array, rows: number, cols: number, x: Float64Array): Float64Array {
  const y = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) y[j]! += m[i * cols + j]! * x[i]!;
  return y;
}

function distance2(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return sum;
}

/**
 * Vectors of −1 and 1, the same ones for every matrix: bits of mulberry32 (T. Ettinger), whose sequences show
 * no lines through space.
 */
function randomSigns(): (length: number) => Float64Array {
  let state = 1;
  return (length) =>
    Float64Array.from({ length }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
      return (mixed ^ (mixed >>> 14)) < 0 ? -1 : 1;
    });
}
