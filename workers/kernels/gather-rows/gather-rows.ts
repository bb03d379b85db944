/**
 * Chosen rows of a matrix, with a gradient that every backend has: tfjs's own for gather is missing on wasm.
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapGatherRows, heapScatterRows } from './heap.ts';

/** `x` [R, D] → [P, D]. A row chosen twice gets the sum of both gradients. */
export function gatherRows(x: tf.Tensor2D, rows: Int32Array): tf.Tensor2D {
  const shape = x.shape;
  const [there, back] = [heapGatherRows(), heapScatterRows()];
  const indices = tf.tensor1d(rows, 'int32');
  const operation = tf.customGrad((input) => ({
    value: there
      ? (there({ x: input as tf.Tensor, rows: indices }, {})[0] as tf.Tensor)
      : tf.gather(input as tf.Tensor2D, indices),
    gradFunc: (dy: tf.Tensor) =>
      back
        ? (back({ dy, rows: tf.tensor1d(rows, 'int32') }, { limit: shape[0] })[0] as tf.Tensor)
        : tf.scatterND(tf.tensor2d(rows, [rows.length, 1], 'int32'), dy, shape),
  }));
  const result = operation(x) as tf.Tensor2D;
  indices.dispose();
  return result;
}
