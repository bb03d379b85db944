/**
 * The student of one step: the merged linear layers at given gates, and the way back from their gradients to the gates'.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import { materialise } from '../merge/materialise.ts';
import type { Linears } from '../nn/contract.ts';

export interface Student {
  readonly gates: Float32Array;
  /** By slot id, in the order of the factors; belongs to the student. */
  readonly linears: Linears;
  /**
   * dL/dgate from dL/dW, by W = W_vlm + λ U diag(gate ⊙ S) Vᵀ: dL/dgate_i = λ S_i u_iᵀ (dL/dW) v_i.
   * @param gradients one [rows, columns] a slot, in the order of `linears`; not disposed
   * @returns [Σ r], the caller's
   */
  gateGradient(gradients: readonly Tensor2D[]): tf.Tensor1D;
  dispose(): void;
}

export function createStudent(vlm: Linears, factors: DeviceFactors, gates: Float32Array, lambda: number): Student {
  const linears = tf.tidy(() => {
    const flat = tf.tensor1d(gates);
    return factors.slots.map((slot) => {
      const { id, offset, rank } = slot.factors;
      const own = vlm.get(id);
      if (!own) throw new StudioError('internal', `The VLM's forward pass has no layer ${id}.`, { details: { tensor: id } });
      return materialise(own, slot, tf.slice(flat, [offset], [rank]), lambda);
    });
  });
  return {
    gates,
    linears: new Map(factors.slots.map((slot, i) => [slot.factors.id, linears[i] as Tensor2D])),
    gateGradient: (gradients) =>
      tf.tidy(() => {
        const parts = factors.slots.map(({ u, s, vt }, i) => {
          const alongV = tf.matMul(gradients[i] as Tensor2D, vt, false, true);
          return tf.mul(tf.sum(tf.mul(u, alongV), 0), tf.mul(s, lambda)) as tf.Tensor1D;
        });
        return tf.concat1d(parts);
      }),
    dispose: () => tf.dispose(linears),
  };
}
