/**
 * Thin singular value decomposition of a dense matrix (contract.ts says what is promised).
 *
 * Method. Let B [r, N] be the matrix with its short side as rows. orthogonal.ts finds X, the eigenvectors of
 * B Bᵀ, and W = X B with orthogonal rows: σ_i = ‖w_i‖, one side is X, the other w_i / σ_i. This does about 3
 * r² N + 5 r³ operations, most of them in matrix products; a bidiagonalisation waits for memory in half of
 * its own. Where σ is reported as 0 the vector is replaced by one that completes the basis.
 *
 * Source: G. Golub, C. Van Loan, "Matrix Computations", 4th ed., §8.6.
 */
import type { Arithmetic } from './arithmetic/arithmetic.ts';
import type { ThinSvd, ThinSvdFunction } from './contract.ts';
import { factorsFrom } from './rows/finish.ts';
import { checkShape, largestMagnitude, shortSideAsRows } from './rows/input.ts';
import { checkSvdMemory, svdMemoryError, svdWorkingBytes } from './memory.ts';
import { orthogonalRows } from './rows/orthogonal.ts';
import { plain } from './arithmetic/plain.ts';
import { powerOfTwoBelow } from './rows/scale.ts';
import { openSimd } from './arithmetic/simd.ts';
import { bestBuild, type Build } from './arithmetic/wasm-build.ts';

/**
 * For cache keys: changes whenever a byte of any result may change. Results of machines with and without
 * fused multiply-adds differ in their last bits, and so do their versions.
 */
export const kernelVersion = kernelVersionOf(bestBuild());

/**
 * Floating-point operations of one call, for estimates of time. Passes over weak rows are not counted: they
 * depend on the data. A 576 × 1536 matrix of rank 8 up to float32 rounding takes 2.6 times as long as one of
 * full rank.
 */
export function svdFlops(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const gramAndProduct = 3 * r * r * n;
  const tridiagonalise = (4 / 3) * r ** 3;
  const divideAndConquer = (4 / 3) * r ** 3;
  const backTransform = 2 * r ** 3;
  return gramAndProduct + tridiagonalise + divideAndConquer + backTransform;
}

/** The plain reference (null) and the simd build give the same bytes. */
export function kernelVersionOf(build: Build | null): string {
  return build === 'fused' ? 'svd-gram64-4-fma' : 'svd-gram64-4';
}

export const thinSvd: ThinSvdFunction = (a, rows, cols) => {
  checkShape(a, rows, cols);
  checkSvdMemory(rows, cols);
  try {
    return thinSvdOn(openSimd(svdWorkingBytes(rows, cols)) ?? plain, a, rows, cols);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw svdMemoryError(rows, cols, thrown); // what engines throw when an array cannot be had
    throw thrown;
  }
};

/**
 * thinSvd with the arithmetic of the caller's choice, which has room for svdWorkingBytes(rows, cols). The
 * shape is right.
 */
export function thinSvdOn(on: Arithmetic, a: Float32Array, rows: number, cols: number): ThinSvd {
  const scale = powerOfTwoBelow(1 / largestMagnitude(a, cols));
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  return on.scope(() =>
    factorsFrom(orthogonalRows(on, shortSideAsRows(on, a, rows, cols), r, n, scale), r, rows, cols, scale),
  );
}
