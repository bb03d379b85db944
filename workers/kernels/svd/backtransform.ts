/**
 * Applies a product of Householder reflections to the rows of X: X ← X · (H₀H₁⋯)ᵀ, that is, each row x becomes H₀H₁⋯ x.
 *
 * A block of reflections is one matrix I − Vᵀ T V (compact WY), so the work is done by gemm.
 *
 * Source: R. Schreiber, C. Van Loan, "A storage-efficient WY representation for products of Householder transformations",
 * SIAM J. Sci. Stat. Comput. 10, 1989; LAPACK dormtr/dlarft/dlarfb (forward, stored by rows).
 */
import type { Arithmetic } from './arithmetic.ts';
import type { View } from './gemm.ts';
import { REFLECTOR_BLOCK, type Reflectors } from './tridiagonal.ts';

/** `x` [rows, reflectors.size] row-major, changed in place. */
export function applyReflectors(on: Arithmetic, x: Float64Array, rows: number, reflectors: Reflectors): void {
  const { count, shift, size, vectors, tau } = reflectors;
  const blocks = Math.ceil(count / REFLECTOR_BLOCK);
  const products = on.float64(rows * REFLECTOR_BLOCK);
  const weighted = on.float64(rows * REFLECTOR_BLOCK);
  // H₀H₁⋯ x applies the last reflection first.
  for (let block = blocks - 1; block >= 0; block--) {
    const first = block * REFLECTOR_BLOCK;
    const width = Math.min(REFLECTOR_BLOCK, count - first);
    const start = first + shift; // entries before this one are 0 in every vector of the block
    const length = size - start;
    const v = { data: vectors, offset: first * size + start, rowStride: size, colStride: 1 };
    const vTransposed = { data: vectors, offset: v.offset, rowStride: 1, colStride: size };
    const t = triangularFactor(on, width, length, v, vTransposed, tau, first);

    // X ← X − ((X Vᵀ) Tᵀ) V
    const xBlock = { data: x, offset: start, rowStride: size, colStride: 1 };
    const narrow = { offset: 0, rowStride: width, colStride: 1 };
    on.gemm(rows, width, length, xBlock, vTransposed, { data: products, offset: 0, rowStride: width });
    on.gemm(
      rows,
      width,
      width,
      { data: products, ...narrow },
      { data: t, offset: 0, rowStride: 1, colStride: width },
      { data: weighted, offset: 0, rowStride: width },
    );
    on.gemm(rows, length, width, { data: weighted, ...narrow }, v, xBlock, { alpha: -1, accumulate: true });
  }
}

/** T [width, width], upper triangular, with H_first ⋯ H_(first+width−1) = I − Vᵀ T V (V by rows). */
function triangularFactor(
  on: Arithmetic,
  width: number,
  length: number,
  v: View,
  vTransposed: View,
  tau: Float64Array,
  first: number,
): Float64Array {
  const inner = on.float64(width * width);
  on.gemm(width, width, length, v, vTransposed, { data: inner, offset: 0, rowStride: width });
  const t = on.float64(width * width);
  for (let i = 0; i < width; i++) {
    const ti = tau[first + i]!;
    for (let r = 0; r < i; r++) {
      let sum = 0;
      for (let q = r; q < i; q++) sum += t[r * width + q]! * inner[q * width + i]!;
      t[r * width + i] = -ti * sum;
    }
    t[i * width + i] = ti;
  }
  return t;
}
