/** For tests of fused operations: an operation's value and gradients, and rows of matrices in float64. */
import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from '../../backend/reference.ts';

export const upload = ({ rows, columns, data }: Matrix): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(data), [rows, columns]);

export const rowsOf = ({ rows, columns, data }: Matrix): Float64Array[] =>
  Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns));

export const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + value, 0);

/** The value and then the gradient by each input; `dy` weighs the value, null weighs a scalar by 1. */
export async function thereAndBack(
  operation: (...x: tf.Tensor2D[]) => tf.Tensor,
  inputs: readonly Matrix[],
  dy: Matrix | null,
): Promise<Float32Array[]> {
  const results = tf.tidy(() => {
    const given = inputs.map(upload);
    const value = operation(...given);
    return [
      value,
      ...tf.grads((...x) => operation(...(x as tf.Tensor2D[])))(given, dy ? upload(dy) : tf.scalar(1)),
    ];
  });
  const read = await Promise.all(results.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(results);
  return read.map((values) => Float32Array.from(values));
}

/** Sizes of rows that no vector of four divides among them. */
export const rowSizes: readonly (readonly [rows: number, columns: number])[] = [
  [3, 7],
  [5, 128],
  [1, 2],
];
