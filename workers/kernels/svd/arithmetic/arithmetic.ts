/**
 * What the decomposition computes with: memory and the loops in which nearly all of its time goes. There are
 * two implementations, plain.ts (TypeScript, the reference) and simd.ts (WebAssembly, 128-bit vectors), and
 * every sum is taken in the order that the reference states. Without fused multiply-adds they give THE SAME
 * BITS, and which of them ran can be seen from the clock alone; with them, simd.ts gives other last bits, and
 * kernelVersion says so.
 *
 * Arrays that are handed to an operation must come from the same Arithmetic's one of the first four, within
 * the present scope.
 */
import type { Build } from './wasm-build.ts';
import type { GemmOptions, Target, View } from './gemm.ts';

export interface Arithmetic {
  readonly kind: 'plain' | Build;
  /** All zeros, these two. Valid until the scope ends in which it was made. */
  float64(length: number): Float64Array;
  float32(length: number): Float32Array;
  int32(values: readonly number[]): Int32Array;
  float32Copy(values: Float32Array): Float32Array;
  /** Runs `work`, then frees what it allocated. Its result must not refer to that. */
  scope<T>(work: () => T): T;

  /** gemm.ts */
  gemm(m: number, n: number, k: number, a: View, b: View, c: Target, options?: GemmOptions): void;
  /** single.ts */
  gemmSingle(m: number, n: number, k: number, a: View, b: View, scale: number, c: Target): void;
  /** symmetric.ts */
  symmetricTimesVector(
    m: number,
    s: Float64Array,
    at: number,
    stride: number,
    work: Float64Array,
    x: number,
    y: number,
  ): void;
  /** panel.ts */
  rowsTimesVector(
    count: number,
    n: number,
    rows: Float64Array,
    rowsAt: number,
    stride: number,
    x: Float64Array,
    xAt: number,
    out: Float64Array,
    outAt: number,
  ): void;
  addRows(
    count: number,
    n: number,
    weights: Float64Array,
    weightsAt: number,
    rows: Float64Array,
    rowsAt: number,
    stride: number,
    y: Float64Array,
    yAt: number,
  ): void;
  /** vector.ts */
  dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number;
  axpy(n: number, alpha: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): void;
  /** narrow.ts */
  scaleToFloat32(
    rows: number,
    cols: number,
    from: Float64Array,
    fromStride: number,
    factors: Float64Array,
    to: Float32Array,
    toAt: number,
    toStride: number,
    squares: Float64Array,
  ): void;
  /** rank-one.ts */
  rankOneEigen(
    k: number,
    d: Float64Array,
    z: Float64Array,
    rho: number,
    position: Int32Array,
    roots: Float64Array,
    coefficients: Float64Array,
    scratch: Float64Array,
  ): boolean;
}
