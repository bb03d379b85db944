/**
 * Thin SVD of a product scale · B · A of low rank, from its factors: the m × n matrix is never formed.
 *
 * With B = U_b S_b V_bᵀ and A = U_a S_a V_aᵀ, BA = U_b (S_b V_bᵀ U_a S_a) V_aᵀ; the core is r × r, its SVD U'
 * S V'ᵀ gives U = U_b U' and V = V_a V'. Cost O((m + n) r²) in place of O(m n min(m, n)). Source: G. Golub,
 * C. Van Loan, "Matrix Computations", 4th ed., §5.4 (by QR there; an SVD of each factor does the same and is
 * at hand).
 *
 * Signs, order and errors are those of contract.ts. The factors of the factors are rounded to float32 before
 * they are multiplied, so the result is one rounding worse than `thinSvd`: reconstruction within 5e-7 ‖BA‖_F,
 * UᵀU and VVᵀ within 1e-6 of I. A σ below 1e-6 of the largest is not known.
 */
import { StudioError } from '../../../core/errors.ts';
import type { ThinSvd } from './contract.ts';
import { svdFlops, thinSvd } from './svd.ts';

/**
 * For cache keys, beside the kernel's own version: changes whenever a byte of a result may change through
 * what is done here.
 */
export const productVersion = 'product-1';

/** Floating-point operations of one call, as `svdFlops` counts them. */
export function productFlops(rows: number, rank: number, cols: number): number {
  const [p, q] = [Math.min(rows, rank), Math.min(rank, cols)];
  const k = Math.min(p, q);
  return (
    svdFlops(rows, rank) +
    svdFlops(rank, cols) +
    svdFlops(p, q) +
    2 * (rows * p * k + k * q * cols + p * q * rank)
  );
}

/**
 * @param b float32 [rows, rank] row-major
 * @param a float32 [rank, cols] row-major
 * @returns u [rows, k], s [k] falling, vt [k, cols], k = min(rank, rows, cols); what is beyond the rank of
 * the product is 0 with vectors that complete the basis
 */
export function thinSvdOfProduct(
  b: Float32Array,
  a: Float32Array,
  rows: number,
  rank: number,
  cols: number,
  scale: number,
): ThinSvd {
  if (b.length !== rows * rank || a.length !== rank * cols) {
    throw new StudioError(
      'bad-request',
      `Factors of ${b.length} and ${a.length} numbers do not make a ${rows} × ${cols} product of rank ${rank}.`,
    );
  }
  const left = thinSvd(b, rows, rank);
  const right = thinSvd(a, rank, cols);
  const p = Math.min(rows, rank);
  const q = Math.min(rank, cols);
  const core = new Float32Array(p * q);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += left.vt[i * rank + l]! * right.u[l * q + j]!;
      core[i * q + j] = scale * left.s[i]! * sum * right.s[j]!;
    }
  }
  const middle = thinSvd(core, p, q);
  const k = Math.min(p, q);
  const [u, vt] = [multiply(left.u, middle.u, rows, p, k), multiply(middle.vt, right.vt, k, q, cols)];
  fixSigns(u, vt, rows, k, cols);
  return { u, s: middle.s, vt };
}

/** x [m, l] · y [l, n], summed in float64. */
function multiply(
  x: Float32Array,
  y: Float32Array,
  m: number,
  l: number,
  n: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(m * n);
  const sums = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    sums.fill(0);
    for (let k = 0; k < l; k++) {
      const factor = x[i * l + k]!;
      for (let j = 0; j < n; j++) sums[j]! += factor * y[k * n + j]!;
    }
    result.set(sums, i * n);
  }
  return result;
}

/**
 * In place: the entry of largest magnitude in each column of u becomes positive, the first one where several
 * tie.
 */
function fixSigns(u: Float32Array, vt: Float32Array, rows: number, k: number, cols: number): void {
  const extremes = u.slice(0, k);
  for (let row = 1; row < rows; row++) {
    for (let i = 0; i < k; i++) {
      const value = u[row * k + i]!;
      if (Math.abs(value) > Math.abs(extremes[i]!)) extremes[i] = value;
    }
  }
  for (let i = 0; i < k; i++) {
    if (!(extremes[i]! < 0)) continue;
    for (let row = 0; row < rows; row++) u[row * k + i] = -u[row * k + i]!;
    for (let column = 0; column < cols; column++) vt[i * cols + column] = -vt[i * cols + column]!;
  }
}
