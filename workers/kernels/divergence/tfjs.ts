/** The divergence by tfjs's own operations, for backends that have no fused one: five matrices of the teacher's size. */
import * as tf from '@tensorflow/tfjs-core';

export function divergenceByTfjs(teacher: tf.Tensor2D, logits: tf.Tensor2D, share: tf.Tensor1D): tf.Scalar {
  const own = tf.logSoftmax(tf.slice(logits, [0, 0], teacher.shape));
  // Σ p d as Σ (p (d − 1) + q): what the teacher's rounded probabilities lack of 1 then changes it in the
  // second order only.
  const terms = tf.add(tf.mul(tf.exp(teacher), tf.sub(tf.sub(teacher, own), 1)), tf.exp(own));
  return tf.sum(tf.mul(tf.sum(terms, 1), share));
}
