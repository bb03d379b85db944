/** Multiplying by a linear layer's weight, in whatever form it is. */
import * as tf from '@tensorflow/tfjs-core';
import type { Linear } from './contract.ts';

/** x [R, in] → x·Wᵀ [R, out]; `constant`: no gradient by x will be asked for. */
export function multiply(x: tf.Tensor2D, weight: Linear, constant = false): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.matMul(x, weight, false, true) : weight.apply(x, constant);
}

/** dy [R, out] → dy·W [R, in]; not for a tape. */
export function multiplyBack(dy: tf.Tensor2D, weight: Linear): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.matMul(dy, weight) : weight.applyTransposed(dy);
}

/** [out, in] in float32, the caller's to dispose; the weight stays as it is. */
export function denseWeight(weight: Linear): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.clone(weight) : weight.dense();
}
