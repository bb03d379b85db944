/** SwiGLU's product by tfjs's own operations, for backends that have no fused one. */
import * as tf from '@tensorflow/tfjs-core';

export function swigluByTfjs(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((g, u, save) => {
    const open = tf.sigmoid(g as tf.Tensor);
    const silu = tf.mul(g as tf.Tensor, open);
    (save as tf.GradSaveFunc)([u as tf.Tensor, open, silu]);
    return {
      value: tf.mul(silu, u as tf.Tensor),
      // silu′ = σ + silu · (1 − σ) = silu + σ · (1 − silu)
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [keptUp, sigmoid, keptSilu] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const slope = tf.add(keptSilu, tf.mul(sigmoid, tf.sub(1, keptSilu)));
        return [tf.mul(tf.mul(dy, keptUp), slope), tf.mul(dy, keptSilu)];
      },
    };
  });
  return operation(gate, up) as tf.Tensor2D;
}
