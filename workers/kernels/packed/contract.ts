/**
 * A weight W [rows, columns] that stays on the device as it is stored, 16 bits a number, two of them in a
 * word.
 *
 * Layout: row-major, the earlier column in the lower half of a word (the bytes of a checkpoint, little
 * endian, as they are). Every row begins with a word: where `columns` is odd, its last word holds one more
 * number, 0. `wordsPerRow` = ⌈columns / 2⌉.
 *
 * Parts: a matrix that is larger than the device binds at once (`largestTensorBytes`) lies in several
 * tensors, a run of whole rows in each.
 *
 * Meaning: the float32 numbers that core's `decodeFloat32` gives, to the bit: bfloat16 is the upper half of a
 * float32, and every float16 is a float32. Subnormals keep their value; products may take bfloat16's for 0,
 * as WGSL allows. What a NaN carries beside being one is unspecified.
 *
 * Operations (packed.ts; x, dy and results float32; accumulated in float32):
 *   product       x [R, columns] → x·Wᵀ [R, rows]
 *   productBack   dy [R, rows] → dy·W [R, columns]
 *   rows          ids [P] → W[ids] [P, columns]
 *   dense         W itself
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';

export type PackedFormat = 'bfloat16' | 'float16';

export interface PackedPart {
  readonly firstRow: number;
  readonly rows: number;
  /** int32 [rows · wordsPerRow] */
  readonly words: Tensor1D;
}

export interface PackedMatrix {
  readonly shape: readonly [number, number];
  readonly format: PackedFormat;
  readonly parts: readonly PackedPart[];
}

/** Null for element types that are not 16 bits of a float. */
export function packedFormat(dtype: string): PackedFormat | null {
  if (dtype === 'BF16') return 'bfloat16';
  return dtype === 'F16' ? 'float16' : null;
}

export const wordsPerRow = (columns: number): number => Math.ceil(columns / 2);
