/**
 * The frozen factors of the merged layers, τ = U diag(S) Vᵀ (method, stage 1), on the CPU and as tensors.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { factorForm } from '../../core/gates/factor-memory.ts';
import type { GateLayout, GateSlot } from '../../core/gates/field.ts';

/**
 * What is always at hand of one decomposed task vector [rows, columns], r = min(rows, columns): everything
 * but its vectors.
 */
export interface FactorFacts {
  /** Slot id, e.g. `layers.0.self_attn.q_proj`. */
  readonly id: string;
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
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
 * The factors of a session, by slot in gate order. Singular values are in memory; U and Vᵀ come from wherever
 * they are kept, one matrix at a time, so that a model's factors (gigabytes) need never be in memory
 * together.
 */
export interface FactorStore {
  readonly slots: readonly FactorFacts[];
  /** By slot; equal names mean equal factors, to the last bit. */
  readonly names: readonly string[];
  /** Keys of the cache entries that the store reads. */
  readonly keys: ReadonlySet<string>;
  /** What made them, as a recipe names it. */
  readonly kernel: string;
  /**
   * Read-only for the caller, who should let go of it before reading the next one. Rejects with the signal's
   * reason when cancelled.
   */
  read(index: number, signal: AbortSignal): Promise<SlotFactors>;
  /** Forgets what it holds in memory. Nothing may be read any more. */
  dispose(): void;
}

/**
 * One layer's factors on the device, in the form that takes less memory there (`factorForm`); c = r without a
 * dense tail, k with one.
 */
export interface DeviceSlot {
  readonly factors: FactorFacts;
  /** Where its gates are, and how many. */
  readonly place: GateSlot;
  /** [rows, c] */
  readonly u: Tensor2D;
  /** [c] */
  readonly s: Tensor1D;
  /** [c, columns] */
  readonly vt: Tensor2D;
  /**
   * T = Σ_{i ≥ k} S_i u_i v_iᵀ, [rows, columns], which the last gate multiplies; null where u, s and vt hold
   * all subspaces.
   */
  readonly tail: Tensor2D | null;
}

/** Factors resident on the device, by slot in gate order. Bytes held: `factorBytes` of the layout. */
export interface DeviceFactors {
  readonly slots: readonly DeviceSlot[];
  dispose(): void;
}

/**
 * All factors of a store, one after another: beside the device's copy one matrix is in memory.
 * @param layout its slots in the store's order
 * @param onBytes called with the device's bytes of each slot
 */
export async function uploadStore(
  store: FactorStore,
  layout: GateLayout,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<DeviceFactors> {
  const slots: DeviceSlot[] = [];
  try {
    for (const [index, { rows, columns }] of store.slots.entries()) {
      const place = layout.slots[index];
      slots.push(uploadSlot(await store.read(index, signal), place));
      onBytes(place ? factorForm(place, [rows, columns]).bytes : 0);
    }
  } catch (thrown) {
    deviceFactors(slots).dispose();
    throw thrown;
  }
  return deviceFactors(slots);
}

/** The caller's to dispose, as by `disposeSlot`. */
export function uploadSlot({ u, vt, ...factors }: SlotFactors, place: GateSlot | undefined): DeviceSlot {
  const { id, rows, columns, rank, s } = factors;
  if (u.length !== rows * rank || s.length !== rank || vt.length !== rank * columns) {
    throw new StudioError(
      'internal',
      `The factors of ${id} do not have the sizes of a ${rows} × ${columns} matrix of rank ${rank}.`,
      { details: { tensor: id } },
    );
  }
  if (place?.id !== id || place.rank !== rank) {
    throw new StudioError('internal', `The gates of ${place?.id ?? 'no layer'} are not those of ${id}.`, {
      details: { tensor: id },
    });
  }
  const vectors = (from: number, to: number) => ({
    u: tf.tensor2d(columnsOf(u, rows, rank, from, to), [rows, to - from]),
    s: tf.tensor1d(s.subarray(from, to)),
    vt: tf.tensor2d(vt.subarray(from * columns, to * columns), [to - from, columns]),
  });
  if (factorForm(place, [rows, columns]).form === 'vectors')
    return { factors, place, ...vectors(0, rank), tail: null };
  const own = place.gates - 1;
  const tail = tf.tidy(() => {
    const rest = vectors(own, rank);
    return tf.matMul(tf.mul(rest.u, tf.reshape(rest.s, [1, -1])), rest.vt) as Tensor2D;
  });
  return { factors, place, ...vectors(0, own), tail };
}

export function disposeSlot({ u, s, vt, tail }: DeviceSlot): void {
  tf.dispose([u, s, vt, ...(tail ? [tail] : [])]);
}

/** Columns [from, to) of a row-major matrix. */
function columnsOf(
  matrix: Float32Array,
  rows: number,
  columns: number,
  from: number,
  to: number,
): Float32Array {
  if (from === 0 && to === columns) return matrix;
  const width = to - from;
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    out.set(matrix.subarray(row * columns + from, row * columns + to), row * width);
  return out;
}

function deviceFactors(slots: readonly DeviceSlot[]): DeviceFactors {
  return { slots, dispose: () => slots.forEach(disposeSlot) };
}
