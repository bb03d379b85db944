/**
 * SwiGLU's product (Shazeer 2020, arXiv 2002.05202): silu(gate) ⊙ up, with silu(z) = z · sigmoid(z). One pass
 * in WebAssembly (kernels/swiglu).
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapSwiglu, heapSwigluGradient } from '../kernels/swiglu/wasm.ts';

/** `gate` and `up` [R, M]; differentiable with respect to both. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const [there, back] = [heapSwiglu(), heapSwigluGradient()];
  if (!there || !back) return composed(gate, up);
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

function composed(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
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
