/**
 * Inner product and scaled sums on contiguous stretches of float64 arrays (BLAS level 1: ddot, daxpy).
 * The order of every sum is part of the result's bytes: changing it changes the kernel's version.
 */

/**
 * Taken for zero in a matrix whose largest entry is of order one. It is far below what rounding leaves (2⁻⁵³), and far enough above
 * 2⁻¹⁰²² that its square keeps all its bits.
 */
export const NEGLIGIBLE = 2 ** -400;

/** Σ x[xAt + i] · y[yAt + i], i < n, by eight partial sums. */
export function dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  let s4 = 0, s5 = 0, s6 = 0, s7 = 0;
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

/**
 * Σ w_i / (p_i − t) to sums[0] and Σ w_i / (p_i − t)² to sums[1], i < n: a rational function of t with poles p, and its slope. Even and
 * odd terms are summed apart, and each divides once: division is what takes the time.
 */
export function poleSums(
  n: number,
  weights: Float64Array,
  weightsAt: number,
  poles: Float64Array,
  polesAt: number,
  t: number,
  sums: Float64Array,
): void {
  let evenValue = 0, evenSlope = 0;
  let oddValue = 0, oddSlope = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const evenInverse = 1 / (poles[polesAt + i]! - t);
    const evenTerm = weights[weightsAt + i]! * evenInverse;
    evenValue += evenTerm;
    evenSlope += evenTerm * evenInverse;
    const oddInverse = 1 / (poles[polesAt + i + 1]! - t);
    const oddTerm = weights[weightsAt + i + 1]! * oddInverse;
    oddValue += oddTerm;
    oddSlope += oddTerm * oddInverse;
  }
  let value = evenValue + oddValue;
  let slope = evenSlope + oddSlope;
  if (i < n) {
    const inverse = 1 / (poles[polesAt + i]! - t);
    const term = weights[weightsAt + i]! * inverse;
    value += term;
    slope += term * inverse;
  }
  sums[0] = value;
  sums[1] = slope;
}

/** z_i ← z_i · x_i / (p_i − t), i < n. */
export function timesRatios(
  n: number,
  z: Float64Array,
  zAt: number,
  x: Float64Array,
  xAt: number,
  poles: Float64Array,
  polesAt: number,
  t: number,
): void {
  for (let i = 0; i < n; i++) z[zAt + i]! *= x[xAt + i]! / (poles[polesAt + i]! - t);
}

/** z_i ← x_i / y_i, i < n. */
export function quotients(n: number, x: Float64Array, y: Float64Array, yAt: number, z: Float64Array): void {
  for (let i = 0; i < n; i++) z[i] = x[i]! / y[yAt + i]!;
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
