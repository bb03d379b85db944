/**
 * One merged layer as it is stored: Eq. 7 on the device, read back, rounded to the VLM's element type.
 * Preview, measurement and export all come through here, so they mean the same weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import { throwIfDeviceFailed } from '../backend/failure.ts';
import type { Linear } from '../nn/contract.ts';
import type { DeviceSlot } from './factors.ts';
import { isUntouched, materialise } from './materialise.ts';
import { roundTo, type Rounded } from './round.ts';

/**
 * @param vlm [rows, columns], the VLM's weight; not disposed
 * @param gates all gates of the session
 * @param stored the VLM's tensor name and element type
 * @returns null when the layer stays the VLM's, bit for bit
 */
export async function mergeSlot(
  vlm: Linear,
  slot: DeviceSlot,
  gates: Float32Array,
  lambda: number,
  stored: { readonly name: string; readonly dtype: string },
): Promise<Rounded | null> {
  const { offset, gates: count } = slot.place;
  if (isUntouched(slot.place, gates, lambda)) return null;
  const merged = tf.tidy(() =>
    materialise(vlm, slot, tf.tensor1d(gates.slice(offset, offset + count)), lambda),
  );
  const values = await merged.data<'float32'>().finally(() => merged.dispose());
  throwIfDeviceFailed();
  // data() may hand out the backend's own memory.
  return roundTo(stored.dtype, values.slice(), stored.name);
}
