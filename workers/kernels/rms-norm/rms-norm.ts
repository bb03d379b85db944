/**
 * Root-mean-square norm (Zhang & Sennrich 2019, arXiv 1910.07467) over the last dimension: y = w ⊙ x /
 * √(mean(x²) + ε). One pass in WebAssembly (heap.ts), tfjs's own operations elsewhere (tfjs.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapRmsNorm, heapRmsNormGradient } from './heap.ts';
import { rmsNormByTfjs } from './tfjs.ts';

/** `x` [R, D], `weight` [D]. Differentiable with respect to `x` alone: norms are frozen. */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const [there, back] = [heapRmsNorm(), heapRmsNormGradient()];
  if (!there || !back) return rmsNormByTfjs(x, weight, epsilon);
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
