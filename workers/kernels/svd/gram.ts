/**
 * Gram matrix of the rows of a block, G = α · B · Bᵀ, in float64.
 *
 * The product of two float32 numbers is exact in float64, so on the first pass only the summation rounds:
 * |G − BBᵀ| ≤ N · 2⁻⁵³ · |B||B|ᵀ, entry by entry (Higham, "Accuracy and Stability of Numerical Algorithms", §3.1).
 */
import { gemm, type View } from './gemm.ts';

/** [rows, rows] row-major; only the lower triangle is defined. `block` is [rows, cols]. */
export function gram(block: View, rows: number, cols: number, alpha: number): Float64Array {
  const g = new Float64Array(rows * rows);
  const transposed: View = { data: block.data, offset: block.offset, rowStride: block.colStride, colStride: block.rowStride };
  gemm(rows, rows, cols, block, transposed, { data: g, offset: 0, rowStride: rows }, { alpha, lowerOnly: true });
  return g;
}
