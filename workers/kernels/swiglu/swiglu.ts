/**
 * SwiGLU's product (Shazeer 2020, arXiv 2002.05202): silu(gate) ⊙ up, with silu(z) = z · sigmoid(z). One pass
 * in WebAssembly (heap.ts), tfjs's own operations elsewhere (tfjs.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapSwiglu, heapSwigluGradient } from './heap.ts';
import { swigluByTfjs } from './tfjs.ts';

/** `gate` and `up` [R, M]; differentiable with respect to both. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const [there, back] = [heapSwiglu(), heapSwigluGradient()];
  if (!there || !back) return swigluByTfjs(gate, up);
  const operation = tf.customGrad((g, u, save) => {
    const operands = { gate: g as tf.Tensor, up: u as tf.Tensor };
    (save as tf.GradSaveFunc)([operands.gate, operands.up]);
    const [value] = there(operands, {}) as [tf.Tensor];
    return {
      value,
      gradFunc: (dy: tf.Tensor, [keptGate, keptUp]: tf.Tensor[]) =>
        back({ gate: keptGate as tf.Tensor, up: keptUp as tf.Tensor, dy }, {}),
    };
  });
  return operation(gate, up) as tf.Tensor2D;
}
