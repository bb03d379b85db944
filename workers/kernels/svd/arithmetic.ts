/**
 * What the decomposition computes with: memory and the loops in which nearly all of its time goes. There are two implementations,
 * plain.ts (TypeScript, the reference) and simd.ts (WebAssembly, 128-bit vectors), and they give THE SAME BITS: every sum is taken in
 * the order that the reference states, without fused multiply-add. Which of them ran can be seen from the clock alone.
 *
 * Arrays that are handed to an operation must come from the same Arithmetic's `float64` or `float32Copy`, within the present scope.
 */
import type { GemmOptions, Target, View } from './gemm.ts';

export interface Arithmetic {
  readonly kind: 'plain' | 'simd';
  /** All zeros. Valid until the scope ends in which it was made. */
  float64(length: number): Float64Array;
  float32Copy(values: Float32Array): Float32Array;
  /** Runs `work`, then frees what it allocated. Its result must not refer to that. */
  scope<T>(work: () => T): T;

  /** gemm.ts */
  gemm(m: number, n: number, k: number, a: View, b: View, c: Target, options?: GemmOptions): void;
  /** symmetric.ts */
  symmetricTimesVector(m: number, s: Float64Array, at: number, stride: number, work: Float64Array, x: number, y: number): void;
  /** vector.ts, these six */
  dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number;
  axpy(n: number, alpha: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): void;
  axpy2(n: number, alpha: number, x: Float64Array, xAt: number, beta: number, y: Float64Array, yAt: number, z: Float64Array, zAt: number): void;
  poleSums(n: number, weights: Float64Array, weightsAt: number, poles: Float64Array, polesAt: number, t: number, sums: Float64Array): void;
  timesRatios(n: number, z: Float64Array, zAt: number, x: Float64Array, xAt: number, poles: Float64Array, polesAt: number, t: number): void;
  quotients(n: number, x: Float64Array, y: Float64Array, yAt: number, z: Float64Array): void;
}
