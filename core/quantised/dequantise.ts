/**
 * FP8 codes times their scales. The product is float32; where the scales are of fewer bits and the reader that
 * this follows computes in their type, it is rounded to that type.
 */
import { decodeFloat32 } from '../safetensors/decode.ts';
import { encodeFloat32 } from '../safetensors/encode.ts';

/** How one stored matrix becomes the numbers that it stands for. */
export interface ScaledTensor {
  /** The tensor of scales: of each dimension of the weight ⌈size / block⌉ of them. */
  readonly scale: string;
  /** The weight's shape; two dimensions or more. */
  readonly shape: readonly number[];
  /** For each dimension of the weight, how many neighbours share a scale. */
  readonly blocks: readonly number[];
  /**
   * `compressed-tensors` multiplies in the type of the scales; `transformers` multiplies block scales in
   * float32 (`Fp8Dequantize`).
   */
  readonly roundTo: 'F32' | 'F16' | 'BF16';
}

/**
 * Multiplies in place and returns the result, which is another array where it is rounded.
 *
 * @param codes float32 values of the codes `begin` and following of the weight, in row-major order
 * @param scales all scales of the weight, float32
 */
export function dequantise(
  codes: Float32Array<ArrayBuffer>,
  begin: number,
  { shape, blocks, roundTo }: ScaledTensor,
  scales: Float32Array,
): Float32Array<ArrayBuffer> {
  const columns = shape.at(-1) ?? 1;
  const width = blocks.at(-1) ?? columns;
  let at = 0;
  while (at < codes.length) {
    const row = Math.floor((begin + at) / columns);
    let column = (begin + at) % columns;
    const first = scaleRow(row, shape, blocks);
    const end = Math.min(codes.length, at + columns - column);
    for (; at < end; at++, column++)
      codes[at] = (codes[at] as number) * (scales[first + Math.floor(column / width)] as number);
  }
  return roundTo === 'F32' ? codes : decodeFloat32(roundTo, encodeFloat32(roundTo, codes));
}

/** Index of the first scale of a row; rows are counted over all dimensions but the last. */
function scaleRow(row: number, shape: readonly number[], blocks: readonly number[]): number {
  const perRow = Math.ceil((shape.at(-1) ?? 1) / (blocks.at(-1) ?? 1));
  let [rest, stride, index] = [row, perRow, 0];
  for (let d = shape.length - 2; d >= 0; d--) {
    const [size, block] = [shape[d] ?? 1, blocks[d] ?? 1];
    index += Math.floor((rest % size) / block) * stride;
    rest = Math.floor(rest / size);
    stride *= Math.ceil(size / block);
  }
  return index;
}
