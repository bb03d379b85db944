/** Layer norm (Ba et al. 2016, arXiv 1607.06450) over the last dimension. */
import * as tf from '@tensorflow/tfjs-core';

/** `x` [R, D], `weight` and `bias` [D]. */
export function layerNorm(
  x: tf.Tensor2D,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
  return tf.add(tf.mul(tf.mul(centred, inverse), weight), bias);
}
