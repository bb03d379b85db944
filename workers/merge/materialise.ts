/**
 * Eq. 7 of FRISM: θ_merged = θ_vlm + λ · U · diag(gate ⊙ S) · Vᵀ, on whatever backend tfjs runs; under a
 * subspace budget θ_vlm + λ · (U_k · diag(gate ⊙ S_k) · V_kᵀ + gate_tail · T).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasTail, type GateSlot } from '../../core/gates/field.ts';
import { columnDots, plusScaledProduct } from '../kernels/low-rank/low-rank.ts';
import type { Linear } from '../nn/contract.ts';
import { denseWeight } from '../nn/linear.ts';
import type { DeviceSlot } from './factors.ts';

/**
 * @param vlm [rows, columns], the VLM's own weight; not disposed
 * @param gates [slot.place.gates], the slot's gates
 * @returns [rows, columns], the caller's to dispose
 */
export function materialise(vlm: Linear, slot: DeviceSlot, gates: Tensor1D, lambda: number): Tensor2D {
  return tf.tidy(() => {
    const merged = plusScaledProduct(denseWeight(vlm), slot.u, scaledGates(slot, gates, lambda), slot.vt);
    if (!slot.tail) return merged;
    const tailGate = tf.slice(gates, [slot.place.gates - 1], [1]);
    return tf.add(merged, tf.mul(slot.tail, tf.mul(tailGate, lambda)));
  });
}

/** λ · gate ⊙ S of each subspace whose vectors the device holds, [c]. */
export function scaledGates(slot: DeviceSlot, gates: Tensor1D, lambda: number): Tensor1D {
  return tf.mul(tf.mul(gatesOfVectors(slot, gates), slot.s), lambda);
}

function gatesOfVectors({ place, s, tail }: DeviceSlot, gates: Tensor1D): Tensor1D {
  const own = place.gates - 1;
  if (tail) return tf.slice(gates, [0], [own]);
  if (!hasTail(place)) return gates;
  return tf.concat1d([tf.slice(gates, [0], [own]), tf.tile(tf.slice(gates, [own], [1]), [s.shape[0] - own])]);
}

/**
 * dL/dgate from dL/dW: of a subspace's own gate λ S_i u_iᵀ (dL/dW) v_i, of a tail's λ ⟨T, dL/dW⟩.
 * @param gradient [rows, columns]; not disposed
 * @returns [slot.place.gates], the caller's to dispose
 */
export function gateGradient(slot: DeviceSlot, gradient: Tensor2D, lambda: number): Tensor1D {
  return tf.tidy(() => {
    const { u, s, vt, tail } = slot;
    const each = columnDots(u, tf.matMul(gradient, vt, false, true), tf.mul(s, lambda));
    return gatesBySlope(slot, each, tail ? tailSlope(gradient, tail, lambda) : null);
  });
}

/** λ Σ a ⊙ b, for the gate of a dense tail. */
export function tailSlope(a: Tensor2D, b: Tensor2D, lambda: number): tf.Scalar {
  // Row by row first: one float32 sum over a whole matrix loses digits.
  return tf.tidy(() => tf.mul(tf.sum(tf.sum(tf.mul(a, b), 1)), lambda));
}

/**
 * dL/dgate by gate from that by vector.
 * @param each dL/d(gate of a vector), [c]
 * @param ofTail of a dense tail's gate, else null
 */
export function gatesBySlope({ place }: DeviceSlot, each: Tensor1D, ofTail: tf.Scalar | null): Tensor1D {
  if (!hasTail(place)) return each;
  return tf.tidy(() => {
    const own = place.gates - 1;
    return tf.concat1d([
      tf.slice(each, [0], [own]),
      tf.reshape(ofTail ?? tf.sum(tf.slice(each, [own])), [1]),
    ]);
  });
}

/** True when Eq. 7 leaves this slot exactly as the VLM has it: λ or every gate is 0. */
export function isUntouched(
  { offset, gates: count }: GateSlot,
  gates: Float32Array,
  lambda: number,
): boolean {
  return lambda === 0 || gates.subarray(offset, offset + count).every((gate) => gate === 0);
}
