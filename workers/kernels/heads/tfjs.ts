/** Heads split off and joined by tfjs's own operations: a transpose, two slices, a concatenation and arithmetic. */
import * as tf from '@tensorflow/tfjs-core';
import type { RotaryTable } from './contract.ts';

/** [B·T, H·hd] → [B, H, T, hd], rotated where a table is given. */
export function splitByTfjs(
  x: tf.Tensor2D,
  batch: number,
  heads: number,
  rotation: RotaryTable | null,
): tf.Tensor4D {
  const [rows, width] = x.shape;
  const turned: tf.Tensor4D = tf.transpose(
    tf.reshape(x, [batch, rows / batch, heads, width / heads]),
    [0, 2, 1, 3],
  );
  return rotation ? tf.add(tf.mul(turned, rotation.cos), tf.mul(swapHalves(turned), rotation.sin)) : turned;
}

/** [B, H, T, hd] → [B·T, H·hd]; with a rotation the transpose of that in `splitByTfjs`, which is its gradient. */
export function joinByTfjs(x: tf.Tensor4D, rotation: RotaryTable | null): tf.Tensor2D {
  const [batch, heads, columns, width] = x.shape;
  const plain: tf.Tensor4D = rotation
    ? tf.add(tf.mul(x, rotation.cos), swapHalves(tf.mul(x, rotation.sin)))
    : x;
  return tf.reshape(tf.transpose(plain, [0, 2, 1, 3]), [batch * columns, heads * width]);
}

function swapHalves(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, columns, width] = x.shape;
  const size: [number, number, number, number] = [batch, heads, columns, width / 2];
  return tf.concat([tf.slice(x, [0, 0, 0, width / 2], size), tf.slice(x, [0, 0, 0, 0], size)], 3);
}
