/**
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864) in the form that Hugging Face's Llama uses:
 * dimension i is paired with i + hd/2, and θ_i = base^(−2i/hd). Tables are made in float64 on the CPU:
 * WebGPU's sin and cos are off by 2e-4.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { RotaryTable } from '../kernels/heads/contract.ts';

/** `positions`: one list of T a row, or a single one for all rows. Values are multiplied by `scale`. */
export function rotaryTable(
  positions: readonly Int32Array[],
  headWidth: number,
  base: number,
  scale = 1,
): RotaryTable {
  const half = headWidth / 2;
  const columns = positions[0]?.length ?? 0;
  const cos = new Float32Array(positions.length * columns * headWidth);
  const sin = new Float32Array(cos.length);
  let at = 0;
  for (const row of positions) {
    for (const position of row) {
      for (let i = 0; i < half; i++) {
        const angle = position * base ** ((-2 * i) / headWidth);
        cos[at + i] = cos[at + half + i] = scale * Math.cos(angle);
        sin[at + half + i] = scale * Math.sin(angle);
        sin[at + i] = -(sin[at + half + i] ?? 0);
      }
      at += headWidth;
    }
  }
  const shape: [number, number, number, number] = [positions.length, 1, columns, headWidth];
  return { cos: tf.tensor4d(cos, shape), sin: tf.tensor4d(sin, shape) };
}
