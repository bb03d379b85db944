/**
 * A random orthonormal basis of ℝⁿ, uniform among all of them (Haar measure), decided by a seed and a name: the
 * Q of the QR decomposition of a matrix of independent Gaussians, with the diagonal of R positive.
 *
 * Source: G. Stewart, "The efficient generation of random orthogonal matrices", SIAM J. Numer. Anal. 17(3), 1980:
 * what a Householder reflection leaves of a Gaussian matrix is Gaussian again, so the vectors of the reflections
 * are drawn directly, x_k of n − k numbers, and Q = H_0 H_1 … H_{n−2} D with H_k = I − 2 v vᵀ / vᵀv,
 * v = x_k + sign(x_k0) ‖x_k‖ e_0, and D_k = −sign(x_k0), for the last one +sign. 4/3 n³ operations.
 *
 * Determinism: only +, −, ×, ÷ and square root of float64 in a fixed order, so the same bits on every machine.
 */
import { randomByIndex } from '../../../core/merging/random-mask.ts';

/** Operations before others may have a turn: about a tenth of a second. */
const atOnce = 1e8;

/** Independent standard Gaussians, by the polar method of Marsaglia and Bray (SIAM Review 6(3), 1964). */
export function gaussians(seed: number, name: string): () => number {
  const random = randomByIndex(seed, name);
  let index = 0;
  let spare: number | null = null;
  /** In (−1, 1), never 0. */
  const uniform = (): number => (random(index++) + 0.5) * 2 ** -31 - 1;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const [x, y] = [uniform(), uniform()];
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * ln(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
}

/**
 * Natural logarithm of x in (0, 1): what Math.log gives is left to the engine, and this is not. Within 4e-16 of its
 * size, or of 1 near 1.
 */
function ln(x: number): number {
  let [mantissa, halvings] = [x, 0];
  for (; mantissa < 0.5; halvings++) mantissa *= 2;
  // ln m = 2 artanh t with t in (−1/3, 0].
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let k = 35; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum - halvings * Math.LN2;
}

/** Q, float64 [n, n] row-major; its rows are as orthonormal as its columns. Gives way now and then. */
export function* haar(n: number, seed: number, name: string): Generator<void, Float64Array> {
  const next = gaussians(seed, name);
  const vectors: Float64Array[] = [];
  const signs = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const x = Float64Array.from({ length: n - k }, next);
    const first = x[0]!;
    const sign = first < 0 ? -1 : 1;
    if (k === n - 1) {
      signs[k] = sign;
      break;
    }
    signs[k] = -sign;
    x[0] = first + sign * Math.sqrt(squares(x));
    const scale = Math.sqrt(2 / squares(x));
    for (let i = 0; i < x.length; i++) x[i]! *= scale;
    vectors.push(x);
  }
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = signs[i]!;
  // From the last reflection on: H_k changes nothing in the rows and columns before k.
  const along = new Float64Array(n);
  let work = 0;
  for (let k = vectors.length - 1; k >= 0; k--) {
    if (work > atOnce) {
      work = 0;
      yield;
    }
    work += 4 * (n - k) ** 2;
    reflect(q, n, k, vectors[k]!, along);
  }
  return q;
}

/**
 * In place: rows and columns from k on become (I − v vᵀ) of what they were, with ‖v‖² = 2. Four rows at a time, because
 * this waits for memory.
 */
function reflect(q: Float64Array, n: number, k: number, v: Float64Array, along: Float64Array): void {
  along.fill(0);
  let i = k;
  for (; i + 3 < n; i += 4) {
    const [f0, f1, f2, f3] = [v[i - k]!, v[i - k + 1]!, v[i - k + 2]!, v[i - k + 3]!];
    for (let j = k, at = i * n + k; j < n; j++, at++)
      along[j]! += f0 * q[at]! + f1 * q[at + n]! + (f2 * q[at + 2 * n]! + f3 * q[at + 3 * n]!);
  }
  for (; i < n; i++) {
    const factor = v[i - k]!;
    for (let j = k, at = i * n + k; j < n; j++, at++) along[j]! += factor * q[at]!;
  }
  for (i = k; i + 3 < n; i += 4) {
    const [f0, f1, f2, f3] = [v[i - k]!, v[i - k + 1]!, v[i - k + 2]!, v[i - k + 3]!];
    for (let j = k, at = i * n + k; j < n; j++, at++) {
      const part = along[j]!;
      q[at]! -= f0 * part;
      q[at + n]! -= f1 * part;
      q[at + 2 * n]! -= f2 * part;
      q[at + 3 * n]! -= f3 * part;
    }
  }
  for (; i < n; i++) {
    const factor = v[i - k]!;
    for (let j = k, at = i * n + k; j < n; j++, at++) q[at]! -= factor * along[j]!;
  }
}

function squares(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return sum;
}
