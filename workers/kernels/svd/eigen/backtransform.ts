/**
 * Applies a product of Householder reflections to the rows of X: X ← X · (H₀H₁⋯)ᵀ, that is, each row x
 * becomes H₀H₁⋯ x.
 *
 * A block of reflections is one matrix I − Vᵀ T V (compact WY), so the work is done by gemm.
 *
 * Source: R. Schreiber, C. Van Loan, "A storage-efficient WY representation for products of Householder
 * transformations", SIAM J. Sci. Stat. Comput. 10, 1989; LAPACK dormtr/dlarft/dlarfb (forward, stored by
 * rows).
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { rowsOf, type View } from '../arithmetic/gemm.ts';
import type { Reflectors } from './tridiagonal.ts';

/** A block of many reflections has wider products, and more to prepare. */
const NARROW = 32;
const WIDE = 64;
const WIDE_FROM = 768;

/** Of the intermediates of applyReflectors, at the most (memory.ts). */
export function reflectorBytes(count: number, size: number, rows: number): number {
  const block = Math.min(count, WIDE);
  return 8 * block * (rows + size + 2 * block);
}

/** `x` [rows, reflectors.size] row-major, changed in place. */
export function applyReflectors(on: Arithmetic, x: Float64Array, rows: number, reflectors: Reflectors): void {
  const { count, shift, size, vectors, tau } = reflectors;
  if (count === 0) return;
  const block = Math.min(count, size < WIDE_FROM ? NARROW : WIDE);
  const products = on.float64(rows * block);
  const weighted = on.float64(block * size);
  const scratch = on.float64(2 * block * block);
  // H₀H₁⋯ x applies the last reflection first.
  for (let first = (Math.ceil(count / block) - 1) * block; first >= 0; first -= block) {
    const width = Math.min(block, count - first);
    const start = first + shift; // entries before this one are 0 in every vector of the block
    const length = size - start;
    const v = { data: vectors, offset: first * size + start, rowStride: size, colStride: 1 };
    const vTransposed = { ...v, rowStride: 1, colStride: size };
    const tTransposed = triangularFactor(
      on,
      width,
      length,
      v,
      vTransposed,
      tau.subarray(first, first + width),
      scratch,
    );
    on.gemm(width, length, width, tTransposed, v, { data: weighted, offset: 0, rowStride: size });

    // X ← X − (X Vᵀ) (Tᵀ V)
    const xBlock = { data: x, offset: start, rowStride: size, colStride: 1 };
    on.gemm(rows, width, length, xBlock, vTransposed, { data: products, offset: 0, rowStride: width });
    on.gemm(rows, length, width, rowsOf(products, width), rowsOf(weighted, size), xBlock, {
      alpha: -1,
      accumulate: true,
    });
  }
}

/** Tᵀ [width, width], for T upper triangular with H_first ⋯ H_(first+width−1) = I − Vᵀ T V (V by rows). */
function triangularFactor(
  on: Arithmetic,
  width: number,
  length: number,
  v: View,
  vTransposed: View,
  tau: Float64Array,
  scratch: Float64Array,
): View {
  const inner = scratch.subarray(0, width * width);
  on.gemm(
    width,
    width,
    length,
    v,
    vTransposed,
    { data: inner, offset: 0, rowStride: width },
    { lowerOnly: true },
  );
  const t = scratch.subarray(width * width, 2 * width * width).fill(0); // Tᵀ, so that its rows are the columns of T
  for (let i = 0; i < width; i++) {
    for (let q = 0; q < i; q++) {
      // Column i of T is −τ_i T (V v_i), with T as it is so far.
      const weight = -tau[i]! * inner[i * width + q]!;
      for (let r = 0; r <= q; r++) t[i * width + r]! += weight * t[q * width + r]!;
    }
    t[i * width + i] = tau[i]!;
  }
  return rowsOf(t, width);
}
