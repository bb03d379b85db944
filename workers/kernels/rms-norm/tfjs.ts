/** The RMS norm by tfjs's own operations, for backends that have no fused one. */
import * as tf from '@tensorflow/tfjs-core';

export function rmsNormByTfjs(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const width = x.shape[1];
  const operation = tf.customGrad((input, save) => {
    const values = input as tf.Tensor2D;
    const inverse = tf.rsqrt(tf.add(tf.mul(tf.sum(tf.square(values), 1, true), 1 / width), epsilon));
    (save as tf.GradSaveFunc)([values, inverse, weight]);
    return {
      value: tf.mul(tf.mul(values, inverse), weight),
      // dx = r · (dy⊙w − x · r² · mean(dy⊙w⊙x)), r the inverse root mean square.
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [kept, r, w] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const scaled = tf.mul(dy, w);
        const projection = tf.mul(tf.sum(tf.mul(scaled, kept), 1, true), tf.mul(tf.square(r), 1 / width));
        return tf.mul(r, tf.sub(scaled, tf.mul(kept, projection)));
      },
    };
  });
  return operation(x) as tf.Tensor2D;
}
