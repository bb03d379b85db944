/**
 * Thin SVD of a product scale · B · A of low rank, from its factors: the m × n matrix is never formed.
 *
 * With B = U_b S_b V_bᵀ and A = U_a S_a V_aᵀ, BA = U_b (S_b V_bᵀ U_a S_a) V_aᵀ; the core is r × r, its SVD U' S V'ᵀ gives
 * U = U_b U' and V = V_a V'. Cost O((m + n) r²) in place of O(m n min(m, n)). Source: G. Golub, C. Van Loan, "Matrix Computations",
 * 4th ed., §5.4 (by QR there; an SVD of each factor does the same and is at hand).
 *
 * The factors of the factors are rounded to float32 before they are multiplied, so the result is one rounding worse than `thinSvd`:
 * reconstruction within 5e-7 ‖BA‖_F, UᵀU and VᵀV within 1e-6 of I. A σ below 1e-6 of the largest is not known.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { ThinSvd } from './contract.ts';
import { thinSvd } from './svd.ts';

/**
 * @param b float32 [rows, rank] row-major
 * @param a float32 [rank, cols] row-major
 * @returns u [rows, k], s [k] falling, vt [k, cols], k = min(rank, rows, cols); what is beyond the rank of the product is 0 with vectors that complete the basis
 */
export function thinSvdOfProduct(b: Float32Array, a: Float32Array, rows: number, rank: number, cols: number, scale: number): ThinSvd {
  if (b.length !== rows * rank || a.length !== rank * cols) {
    throw new StudioError('bad-request', `Factors of ${b.length} and ${a.length} numbers do not make a ${rows} × ${cols} product of rank ${rank}.`);
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
  return { u: multiply(left.u, middle.u, rows, p, k), s: middle.s, vt: multiply(middle.vt, right.vt, k, q, cols) };
}

/** x [m, l] · y [l, n], summed in float64. */
function multiply(x: Float32Array, y: Float32Array, m: number, l: number, n: number): Float32Array<ArrayBuffer> {
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
