/**
 * Inner product and scaled sums on contiguous stretches of float64 arrays (BLAS level 1: ddot, daxpy).
 * The order of every sum is part of the result's bytes: changing it changes the kernel's version.
 */

/**
 * Taken for zero in a matrix whose largest entry is of order one. It is far below what rounding leaves
 * (2⁻⁵³), and far enough above 2⁻¹⁰²² that its square keeps all its bits.
 */
export const NEGLIGIBLE = 2 ** -400;

/** Σ x[xAt + i] · y[yAt + i], i < n, by eight partial sums. */
export function dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number {
  let s0 = 0,
    s1 = 0,
    s2 = 0,
    s3 = 0;
  let s4 = 0,
    s5 = 0,
    s6 = 0,
    s7 = 0;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const p = xAt + i;
    const q = yAt + i;
    s0 += x[p]! * y[q]!;
    s1 += x[p + 1]! * y[q + 1]!;
    s2 += x[p + 2]! * y[q + 2]!;
    s3 += x[p + 3]! * y[q + 3]!;
    s4 += x[p + 4]! * y[q + 4]!;
    s5 += x[p + 5]! * y[q + 5]!;
    s6 += x[p + 6]! * y[q + 6]!;
    s7 += x[p + 7]! * y[q + 7]!;
  }
  let sum = s0 + s2 + (s4 + s6) + (s1 + s3 + (s5 + s7));
  for (; i < n; i++) sum += x[xAt + i]! * y[yAt + i]!;
  return sum;
}

/** y ← y + α x. */
export function axpy(
  n: number,
  alpha: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  for (let i = 0; i < n; i++) y[yAt + i]! += alpha * x[xAt + i]!;
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
