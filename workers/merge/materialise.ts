/**
 * Eq. 7 of FRISM: θ_merged = θ_vlm + λ · U · diag(gate ⊙ S) · Vᵀ, on whatever backend tfjs runs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { DeviceSlot, FactorFacts } from './factors.ts';

/**
 * @param vlm [rows, columns], the VLM's own weight; not disposed
 * @param gates [r], the slot's gates
 * @returns [rows, columns], the caller's to dispose
 */
export function materialise(vlm: Tensor2D, slot: DeviceSlot, gates: Tensor1D, lambda: number): Tensor2D {
  return tf.tidy(() => {
    const scaled = tf.mul(tf.mul(gates, slot.s), lambda);
    return tf.add(vlm, tf.matMul(tf.mul(slot.u, tf.reshape(scaled, [1, -1])), slot.vt)) as Tensor2D;
  });
}

/** True when Eq. 7 leaves this slot exactly as the VLM has it: λ or every gate is 0. */
export function isUntouched({ offset, rank }: FactorFacts, gates: Float32Array, lambda: number): boolean {
  return lambda === 0 || gates.subarray(offset, offset + rank).every((gate) => gate === 0);
}
