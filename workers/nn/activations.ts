/** The activations of vision towers and connectors, by their names in config.json. */
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../core/family/vision/tower-shape.ts';

export const activations: Readonly<Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  gelu,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: quickGelu,
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
};

/** x Φ(x) = ½ x (1 + erf(x / √2)) (Hendrycks & Gimpel 2016, arXiv 1606.08415). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** Its tanh form: ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  const cubic = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
}

/** Its sigmoid form, CLIP's: x σ(1.702 x). */
function quickGelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));
}
