/**
 * The frozen factors of the merged layers, τ = U diag(S) Vᵀ (method, stage 1), on the CPU and as tensors.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';

/** What is always at hand of one decomposed task vector [rows, columns], r = min(rows, columns): everything but its vectors. */
export interface FactorFacts {
  /** Slot id, e.g. `layers.0.self_attn.q_proj`. */
  readonly id: string;
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
  /** Where this slot's gates start in the flat gate array. */
  readonly offset: number;
  /** [r], falling. */
  readonly s: Float32Array;
}

/** Thin SVD of one task vector; float32, row-major. Bytes held: 4 r (rows + columns + 1). */
export interface SlotFactors extends FactorFacts {
  /** [rows, r] */
  readonly u: Float32Array;
  /** [r, columns] */
  readonly vt: Float32Array;
}

/**
 * The factors of a session, by slot in gate order. Singular values are in memory; U and Vᵀ come from wherever they are kept, one
 * matrix at a time, so that a model's factors (gigabytes) need never be in memory together.
 */
export interface FactorStore {
  readonly slots: readonly FactorFacts[];
  /** Read-only for the caller, who should let go of it before reading the next one. Rejects with the signal's reason when cancelled. */
  read(index: number, signal: AbortSignal): Promise<SlotFactors>;
  /** Forgets what it holds in memory. Nothing may be read any more. */
  dispose(): void;
}

export interface DeviceSlot {
  readonly factors: FactorFacts;
  readonly u: Tensor2D;
  readonly s: Tensor1D;
  readonly vt: Tensor2D;
}

/** Factors resident on the device, by slot in gate order. Bytes held: 4 · Σ r (rows + columns + 1). */
export interface DeviceFactors {
  readonly slots: readonly DeviceSlot[];
  dispose(): void;
}

export function uploadFactors(all: readonly SlotFactors[]): DeviceFactors {
  return deviceFactors(all.map(uploadSlot));
}

/** All factors of a store, one after another: beside the device's copy one matrix is in memory. */
export async function uploadStore(store: FactorStore, signal: AbortSignal): Promise<DeviceFactors> {
  const slots: DeviceSlot[] = [];
  try {
    for (const index of store.slots.keys()) slots.push(uploadSlot(await store.read(index, signal)));
  } catch (thrown) {
    deviceFactors(slots).dispose();
    throw thrown;
  }
  return deviceFactors(slots);
}

function uploadSlot({ u, vt, ...factors }: SlotFactors): DeviceSlot {
  const { id, rows, columns, rank, s } = factors;
  if (u.length !== rows * rank || s.length !== rank || vt.length !== rank * columns) {
    throw new StudioError('internal', `The factors of ${id} do not have the sizes of a ${rows} × ${columns} matrix of rank ${rank}.`, { details: { tensor: id } });
  }
  return { factors, u: tf.tensor2d(u, [rows, rank]), s: tf.tensor1d(s), vt: tf.tensor2d(vt, [rank, columns]) };
}

function deviceFactors(slots: readonly DeviceSlot[]): DeviceFactors {
  return { slots, dispose: () => slots.forEach(({ u, s, vt }) => tf.dispose([u, s, vt])) };
}
