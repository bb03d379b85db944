/**
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864) in the form that Hugging Face's Llama uses:
 * dimension i is paired with i + hd/2, and both are turned by an angle that is a position times a frequency.
 * A token may stand at several positions, one on each axis (M-RoPE: time, height, width of Qwen2-VL, Wang et
 * al. 2024, arXiv 2409.12191; rows and columns in its tower): each pair of dimensions then belongs to one
 * axis. Tables are made in float64 on the CPU: WebGPU's sin and cos are off by 2e-4.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../core/family/text/text-spec.ts';
import type { RotaryTable } from '../kernels/heads/contract.ts';

/** For each of the hd/2 pairs of dimensions. */
export interface Rotation {
  /** Radians for one step of position. */
  readonly frequencies: Float64Array;
  /** The axis whose position turns it. */
  readonly axes: Uint8Array;
}

/** θ_i = base^(−2i/hd); with sections, the pairs go to axes 0, 1 and 2 in turn, so many to each. */
export function rotationOf({
  headDim,
  ropeTheta,
  rotary,
}: Pick<TextSpec, 'headDim' | 'ropeTheta' | 'rotary'>): Rotation {
  const frequencies = Float64Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  const sections = rotary.kind === 'sections' ? rotary.sections : [];
  const axes = sections.flatMap((length, section) => Array<number>(length).fill(section % 3));
  return { frequencies, axes: Uint8Array.from({ length: headDim / 2 }, (_, i) => axes[i] ?? 0) };
}

/**
 * `positions`: for each row of a batch, or once for all rows, its T positions on each axis; a single list
 * stands for all axes. → tables [rows, 1, T, hd]; values are multiplied by `scale`.
 */
export function rotaryTable(
  positions: readonly (readonly Int32Array[])[],
  { frequencies, axes }: Rotation,
  scale = 1,
): RotaryTable {
  const half = frequencies.length;
  const columns = positions[0]?.[0]?.length ?? 0;
  const cos = new Float32Array(positions.length * columns * 2 * half);
  const sin = new Float32Array(cos.length);
  let at = 0;
  for (const row of positions) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < half; i++) {
        const axis = row[axes[i] as number] ?? (row[0] as Int32Array);
        const angle = (axis[column] as number) * (frequencies[i] as number);
        cos[at + i] = cos[at + half + i] = scale * Math.cos(angle);
        sin[at + half + i] = scale * Math.sin(angle);
        sin[at + i] = -(sin[at + half + i] ?? 0);
      }
      at += 2 * half;
    }
  }
  const shape: [number, number, number, number] = [positions.length, 1, columns, 2 * half];
  return { cos: tf.tensor4d(cos, shape), sin: tf.tensor4d(sin, shape) };
}
