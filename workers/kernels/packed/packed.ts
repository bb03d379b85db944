/**
 * The operations of contract.ts on WebGPU. None is differentiable by itself; nothing here runs on another
 * backend.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { StudioError } from '../../../core/errors.ts';
import { gpuKernel, type Gpu, type GpuInputs } from '../../backend/gpu-kernel.ts';
import { largestTensorBytes } from '../../backend/limits.ts';
import { wordsPerRow, type PackedFormat, type PackedMatrix, type PackedPart } from './contract.ts';
import { fewRows, fewRowsProgram } from './few-rows.ts';
import { takeRowsProgram } from './take-rows.ts';
import { tilesProgram } from './tiles.ts';

/** Whether the backend in use has these operations. */
export const packsWeights = (): boolean => tf.getBackend() === 'webgpu';

/**
 * @param bytes as stored, little endian, row-major; may be kept until the matrix is first used
 * @param partBytes of one tensor, for tests
 */
export function pack(
  bytes: Uint8Array<ArrayBuffer>,
  format: PackedFormat,
  shape: readonly [number, number],
  partBytes = largestTensorBytes(),
): PackedMatrix {
  const [rows, columns] = shape;
  if (bytes.length !== 2 * rows * columns)
    throw new StudioError(
      'internal',
      `${bytes.length} bytes are no matrix of ${rows} × ${columns} 16-bit numbers.`,
      { details: { value: bytes.length } },
    );
  const width = wordsPerRow(columns);
  const step = Math.floor(partBytes / (4 * width));
  if (step < 1)
    throw new StudioError(
      'memory',
      `One row of ${columns} numbers is more than this graphics device holds in one piece.`,
      { details: { value: 4 * width, limit: partBytes } },
    );
  const words = alignedWords(bytes, columns);
  const parts: PackedPart[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += step) {
    const count = Math.min(step, rows - firstRow);
    parts.push({
      firstRow,
      rows: count,
      words: tf.tensor1d(words.subarray(firstRow * width, (firstRow + count) * width), 'int32'),
    });
  }
  return { shape, format, parts };
}

/** Whole words a row; the bytes themselves where they are such. */
function alignedWords(bytes: Uint8Array<ArrayBuffer>, columns: number): Int32Array {
  if (columns % 2 === 0) {
    const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Int32Array(buffer, byteOffset, length / 4);
  }
  const rowBytes = 2 * columns;
  const padded = new Uint8Array((bytes.length / rowBytes) * (rowBytes + 2));
  for (let from = 0, to = 0; from < bytes.length; from += rowBytes, to += rowBytes + 2)
    padded.set(bytes.subarray(from, from + rowBytes), to);
  return new Int32Array(padded.buffer);
}

export function disposePacked({ parts }: PackedMatrix): void {
  tf.dispose(parts.map(({ words }) => words));
}

/** x [R, columns] → x·Wᵀ [R, rows] */
export function packedProduct(x: Tensor2D, w: PackedMatrix): Tensor2D {
  return productKernel({ left: x, ...named(w) }, { ...facts(w), back: 0 }) as Tensor2D;
}

/** dy [R, rows] → dy·W [R, columns] */
export function packedProductBack(dy: Tensor2D, w: PackedMatrix): Tensor2D {
  return productKernel({ left: dy, ...named(w) }, { ...facts(w), back: 1 }) as Tensor2D;
}

/**
 * ids int32 [P], each a row of W → [P, columns]. What is written for an id that W does not have is
 * unspecified.
 */
export function packedRows(w: PackedMatrix, ids: Tensor1D): Tensor2D {
  return rowsKernel({ ids, ...named(w) }, facts(w)) as Tensor2D;
}

/** W in float32. */
export function packedDense(w: PackedMatrix): Tensor2D {
  return rowsKernel(named(w), facts(w)) as Tensor2D;
}

interface Facts extends Record<string, number | string> {
  readonly format: PackedFormat;
  readonly rows: number;
  readonly columns: number;
  readonly parts: number;
}

const facts = ({ format, shape: [rows, columns], parts }: PackedMatrix): Facts => ({
  format,
  rows,
  columns,
  parts: parts.length,
});
const named = ({ parts }: PackedMatrix) =>
  Object.fromEntries(parts.map(({ words }, i) => [`words${i}`, words]));

/** A matrix's parts as a kernel is given them, with the integers that every program begins with. */
function partsOf(
  inputs: GpuInputs,
  { columns, parts }: Facts,
): { readonly words: TensorInfo; readonly rows: number; readonly integers: readonly number[] }[] {
  const width = wordsPerRow(columns);
  let first = 0;
  return Array.from({ length: parts }, (_, i) => {
    const words = inputs[`words${i}`] as TensorInfo;
    const rows = (words.shape[0] ?? 0) / width;
    const integers = [rows, columns, width, first];
    first += rows;
    return { words, rows, integers };
  });
}

const productKernel = gpuKernel<Facts & { readonly back: number }>(
  'StudioPackedProduct',
  (gpu: Gpu, inputs, attributes) => {
    const { format, rows, columns, back } = attributes;
    const left = inputs['left'] as TensorInfo;
    const [count = 0, inner = 0] = left.shape;
    const width = back ? columns : rows;
    if (inner !== (back ? rows : columns))
      throw new StudioError(
        'internal',
        `${count} × ${inner} numbers do not meet a weight of ${rows} × ${columns}.`,
      );
    const out = gpu.make(count, width);
    partsOf(inputs, attributes).forEach(({ words, rows: partRows, integers }, i) => {
      if (!back && count <= fewRows)
        gpu.run(fewRowsProgram(format, [count, width], partRows), [left, words], integers, out);
      // Back, each part is a share of the sum; forwards, it is columns of its own.
      else
        gpu.run(
          tilesProgram(format, back === 1, [count, width], back ? columns : partRows),
          [left, words],
          [...integers, back && i > 0 ? 1 : 0],
          out,
        );
    });
    return out;
  },
);

const rowsKernel = gpuKernel<Facts>('StudioPackedRows', (gpu: Gpu, inputs, attributes) => {
  const { format, rows, columns } = attributes;
  const { ids } = inputs;
  const count = ids ? (ids.shape[0] ?? 0) : rows;
  const out = gpu.make(count, columns);
  for (const { words, rows: partRows, integers } of partsOf(inputs, attributes)) {
    gpu.run(
      takeRowsProgram(format, ids !== undefined, [count, columns], ids ? count : partRows),
      ids ? [words, ids] : [words],
      integers,
      out,
    );
  }
  return out;
});
