/** The two operations that U · diag(s) · Vᵀ needs, fused on wasm. Neither is differentiable by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { heapColumnDots, heapScaledProduct } from './heap.ts';

/** base + a · diag(scale) · b; base [m, n], a [m, k], scale [k], b [k, n] or, with `transposeB`, [n, k]. */
export function plusScaledProduct(
  base: tf.Tensor2D,
  a: tf.Tensor2D,
  scale: tf.Tensor1D,
  b: tf.Tensor2D,
  transposeB = false,
): tf.Tensor2D {
  const onHeap = heapScaledProduct();
  if (onHeap) return onHeap({ base, a, scale, b }, { transposeB: transposeB ? 1 : 0 })[0] as tf.Tensor2D;
  return tf.tidy(() => tf.add(base, tf.matMul(tf.mul(a, tf.reshape(scale, [1, -1])), b, false, transposeB)));
}

/** scale ⊙ Σ_rows a ⊙ b; a, b [R, k], scale [k] → [k]. */
export function columnDots(a: tf.Tensor2D, b: tf.Tensor2D, scale: tf.Tensor1D): tf.Tensor1D {
  const onHeap = heapColumnDots();
  if (onHeap) return onHeap({ a, b, scale }, {})[0] as tf.Tensor1D;
  return tf.tidy(() => tf.mul(tf.sum(tf.mul(a, b), 0), scale));
}
