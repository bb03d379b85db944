/**
 * Inner product and scaled sums on contiguous stretches of float64 arrays (BLAS level 1: ddot, daxpy).
 * The four partial sums of `dot` are part of the result's bytes: changing them changes the kernel's version.
 */

/**
 * Taken for zero in a matrix whose largest entry is of order one. It is far below what rounding leaves (2⁻⁵³), and far enough above
 * 2⁻¹⁰²² that its square keeps all its bits.
 */
export const NEGLIGIBLE = 2 ** -400;

/** Σ x[xAt + i] · y[yAt + i], i < n. */
export function dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += x[xAt + i]! * y[yAt + i]!;
    s1 += x[xAt + i + 1]! * y[yAt + i + 1]!;
    s2 += x[xAt + i + 2]! * y[yAt + i + 2]!;
    s3 += x[xAt + i + 3]! * y[yAt + i + 3]!;
  }
  let sum = s0 + s1 + (s2 + s3);
  for (; i < n; i++) sum += x[xAt + i]! * y[yAt + i]!;
  return sum;
}

/** y ← y + α x. */
export function axpy(n: number, alpha: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): void {
  for (let i = 0; i < n; i++) y[yAt + i]! += alpha * x[xAt + i]!;
}

/** z ← z + α x + β y, in one pass over z. */
export function axpy2(
  n: number,
  alpha: number,
  x: Float64Array,
  xAt: number,
  beta: number,
  y: Float64Array,
  yAt: number,
  z: Float64Array,
  zAt: number,
): void {
  for (let i = 0; i < n; i++) z[zAt + i] = z[zAt + i]! + alpha * x[xAt + i]! + beta * y[yAt + i]!;
}

/** The plane rotation (x, y) ← (c x + s y, c y − s x) of two rows. */
export function rotate(n: number, c: number, s: number, data: Float64Array, xAt: number, yAt: number): void {
  for (let i = 0; i < n; i++) {
    const x = data[xAt + i]!;
    const y = data[yAt + i]!;
    data[xAt + i] = c * x + s * y;
    data[yAt + i] = c * y - s * x;
  }
}
