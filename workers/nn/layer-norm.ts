/** Layer norm (Ba et al. 2016, arXiv 1607.06450) over the last dimension, and the tanh form of GELU (Hendrycks & Gimpel 2016). */
import * as tf from '@tensorflow/tfjs-core';

/** `x` [R, D], `weight` and `bias` [D]. */
export function layerNorm(x: tf.Tensor2D, weight: tf.Tensor1D, bias: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
  return tf.add(tf.mul(tf.mul(centred, inverse), weight), bias);
}

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), `gelu_pytorch_tanh`. */
export function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  const cubic = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
}
