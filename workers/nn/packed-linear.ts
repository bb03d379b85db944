/**
 * A frozen weight that stays in its 16 bits on the device (kernels/packed): multiplied by, and its rows
 * taken, without ever being a float32 matrix.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { packedFormat, type PackedMatrix } from '../kernels/packed/contract.ts';
import {
  disposePacked,
  pack,
  packedDense,
  packedProduct,
  packedProductBack,
  packedRows,
  packsWeights,
} from '../kernels/packed/packed.ts';
import type { LinearMap } from './contract.ts';

/** Whether a matrix of this stored element type can stay as it is on the device in use. */
export const staysPacked = (dtype: string): boolean => packsWeights() && packedFormat(dtype) !== null;

/** From bytes as stored, of a type that stays packed; the caller's to dispose. */
export function packedLinear(
  dtype: string,
  bytes: Uint8Array<ArrayBuffer>,
  shape: readonly [number, number],
): PackedLinear {
  const format = packedFormat(dtype);
  if (!format) throw new StudioError('internal', `${dtype} is no 16-bit float.`);
  return new PackedLinear(pack(bytes, format, shape));
}

export class PackedLinear implements LinearMap {
  readonly shape: readonly [number, number];
  readonly #matrix: PackedMatrix;

  /** Takes the matrix over. */
  constructor(matrix: PackedMatrix) {
    this.shape = matrix.shape;
    this.#matrix = matrix;
  }

  apply(x: Tensor2D): Tensor2D {
    const operation = tf.customGrad((input) => ({
      value: packedProduct(input as Tensor2D, this.#matrix),
      gradFunc: (dy: tf.Tensor) => packedProductBack(dy as Tensor2D, this.#matrix),
    }));
    return operation(x) as Tensor2D;
  }

  applyTransposed(dy: Tensor2D): Tensor2D {
    return packedProductBack(dy, this.#matrix);
  }

  dense(): Tensor2D {
    return packedDense(this.#matrix);
  }

  /** W[ids], [P, in]; every id is a row of W. Not differentiable. */
  rows(ids: Int32Array): Tensor2D {
    return tf.tidy(() => packedRows(this.#matrix, tf.tensor1d(ids, 'int32')));
  }

  dispose(): void {
    disposePacked(this.#matrix);
  }
}
