/**
 * The frozen factors of the merged layers, τ = U diag(S) Vᵀ (method, stage 1), on the CPU and as tensors.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';

/** Thin SVD of one task vector [rows, columns], r = min(rows, columns); float32, row-major. */
export interface SlotFactors {
  /** Slot id, e.g. `layers.0.self_attn.q_proj`. */
  readonly id: string;
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
  /** Where this slot's gates start in the flat gate array. */
  readonly offset: number;
  /** [rows, r] */
  readonly u: Float32Array;
  /** [r], falling. */
  readonly s: Float32Array;
  /** [r, columns] */
  readonly vt: Float32Array;
}

export interface DeviceSlot {
  readonly factors: SlotFactors;
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
  for (const { id, rows, columns, rank, u, s, vt } of all) {
    if (u.length !== rows * rank || s.length !== rank || vt.length !== rank * columns) {
      throw new StudioError('internal', `The factors of ${id} do not have the sizes of a ${rows} × ${columns} matrix of rank ${rank}.`, { details: { tensor: id } });
    }
  }
  const slots = all.map((factors) => ({
    factors,
    u: tf.tensor2d(factors.u, [factors.rows, factors.rank]),
    s: tf.tensor1d(factors.s),
    vt: tf.tensor2d(factors.vt, [factors.rank, factors.columns]),
  }));
  return { slots, dispose: () => slots.forEach(({ u, s, vt }) => tf.dispose([u, s, vt])) };
}
