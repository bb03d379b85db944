/**
 * Root-mean-square norm (Zhang & Sennrich 2019, arXiv 1910.07467) over the last dimension: y = w ⊙ x /
 * √(mean(x²) + ε). One pass in WebAssembly (kernels/norm), tfjs's own operations elsewhere.
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapRmsNorm, heapRmsNormGradient } from '../kernels/norm/wasm.ts';

/** `x` [R, D], `weight` [D]. Differentiable with respect to `x` alone: norms are frozen. */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const [there, back] = [heapRmsNorm(), heapRmsNormGradient()];
  if (!there || !back) return composed(x, weight, epsilon);
  const operation = tf.customGrad((input, save) => {
    const [y, inverse] = there({ x: input as tf.Tensor, w: weight }, { epsilon }) as [tf.Tensor, tf.Tensor];
    (save as tf.GradSaveFunc)([input as tf.Tensor, inverse, weight]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [kept, r, w]: tf.Tensor[]) =>
        back({ x: kept as tf.Tensor, w: w as tf.Tensor, inverse: r as tf.Tensor, dy }, {})[0] as tf.Tensor,
    };
  });
  return operation(x) as tf.Tensor2D;
}

function composed(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
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
