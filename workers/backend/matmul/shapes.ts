/** Shapes of a batched matrix product, as both matMul patches read them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';

export interface MatmulShape {
  /** Batches of each operand; they are equal, or one of them is 1. */
  readonly batchA: number;
  readonly batchB: number;
  /** Rows of op(A), columns of op(B), and the dimension summed over. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const sizeOf = (dimensions: readonly number[]): number =>
  dimensions.reduce((product, size) => product * size, 1);

/** Null where batches broadcast in a way other than one against many: the stock kernels deal with those. */
export function matmulShape(
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatmulAttributes,
): MatmulShape | null {
  const [rowsA = 1, columnsA = 1] = a.shape.slice(-2);
  const [rowsB = 1, columnsB = 1] = b.shape.slice(-2);
  const leadingA = a.shape.slice(0, -2);
  const leadingB = b.shape.slice(0, -2);
  const batchA = sizeOf(leadingA);
  const batchB = sizeOf(leadingB);
  const same = leadingA.length === leadingB.length && leadingA.every((size, i) => size === leadingB[i]);
  if (!same && batchA !== 1 && batchB !== 1) return null;
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [kB, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  return k === kB ? { batchA, batchB, m, n, k } : null;
}
