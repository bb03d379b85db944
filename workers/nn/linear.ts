/** Multiplying by a linear layer's weight, in whatever form it is, and taking rows of one. */
import * as tf from '@tensorflow/tfjs-core';
import type { Linear } from './contract.ts';
import { gatherRows } from '../kernels/gather-rows/gather-rows.ts';
import type { PackedLinear } from './packed-linear.ts';

/** A weight as it was loaded. */
export type Weight = tf.Tensor2D | PackedLinear;

/** x [R, in] → x·Wᵀ [R, out]; `constant`: no gradient by x will be asked for. */
export function multiply(x: tf.Tensor2D, weight: Linear, constant = false): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.matMul(x, weight, false, true) : weight.apply(x, constant);
}

/** dy [R, out] → dy·W [R, in]; not for a tape. */
export function multiplyBack(dy: tf.Tensor2D, weight: Linear): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.matMul(dy, weight) : weight.applyTransposed(dy);
}

/** Rows of a weight, [P, in] in float32; not differentiable by the weight. */
export function takeRows(weight: Weight, rows: Int32Array): tf.Tensor2D {
  return weight instanceof tf.Tensor ? gatherRows(weight, rows) : weight.rows(rows);
}

/** [out, in] in float32, the caller's to dispose; the weight stays as it is. */
export function denseWeight(weight: Linear): tf.Tensor2D {
  return weight instanceof tf.Tensor ? tf.clone(weight) : weight.dense();
}
