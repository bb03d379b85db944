/**
 * Gram matrix of the rows of a block, G = α · B · Bᵀ, in float64.
 *
 * The product of two float32 numbers is exact in float64, so on the first pass only the summation rounds: |G
 * − BBᵀ| ≤ N · 2⁻⁵³ · |B||B|ᵀ, entry by entry (Higham, "Accuracy and Stability of Numerical Algorithms",
 * §3.1).
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import type { View } from '../arithmetic/gemm.ts';

/** [rows, rows] row-major; only the lower triangle is defined. `block` is [rows, cols]. */
export function gram(on: Arithmetic, block: View, rows: number, cols: number, alpha: number): Float64Array {
  const g = on.float64(rows * rows);
  const transposed: View = {
    data: block.data,
    offset: block.offset,
    rowStride: block.colStride,
    colStride: block.rowStride,
  };
  on.gemm(
    rows,
    rows,
    cols,
    block,
    transposed,
    { data: g, offset: 0, rowStride: rows },
    { alpha, lowerOnly: true },
  );
  return g;
}
