/**
 * The student of one step: the merged linear layers at given gates, and the way back from their gradients to the gates'.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import { gateGradient, materialise } from '../merge/materialise.ts';
import type { Linears } from '../nn/contract.ts';

export interface Student {
  readonly gates: Float32Array;
  /** By slot id, in the order of the factors; belongs to the student. */
  readonly linears: Linears;
  /**
   * dL/dgate from dL/dW, by Eq. 7.
   * @param gradients one [rows, columns] a slot, in the order of `linears`; not disposed
   * @returns [number of gates], the caller's
   */
  gateGradient(gradients: readonly Tensor2D[]): tf.Tensor1D;
  dispose(): void;
}

export function createStudent(vlm: Linears, factors: DeviceFactors, gates: Float32Array, lambda: number): Student {
  const linears = tf.tidy(() => {
    const flat = tf.tensor1d(gates);
    return factors.slots.map((slot) => {
      const { id, offset, gates: count } = slot.place;
      const own = vlm.get(id);
      if (!own) throw new StudioError('internal', `The VLM's forward pass has no layer ${id}.`, { details: { tensor: id } });
      return materialise(own, slot, tf.slice(flat, [offset], [count]), lambda);
    });
  });
  return {
    gates,
    linears: new Map(factors.slots.map((slot, i) => [slot.factors.id, linears[i] as Tensor2D])),
    gateGradient: (gradients) => tf.tidy(() => tf.concat1d(factors.slots.map((slot, i) => gateGradient(slot, gradients[i] as Tensor2D, lambda)))),
    dispose: () => tf.dispose(linears),
  };
}
