/**
 * Brings a checkpoint's tensors to the device, checks their shapes and sizes, and remembers them so that all
 * can be given back.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { requireFits } from '../backend/limits.ts';
import type { Checkpoint, TensorEntry } from '../io/contract.ts';
import type { Weight } from './linear.ts';
import { packedLinear, staysPacked } from './packed-linear.ts';

export class TensorLoader {
  readonly #checkpoint: Checkpoint;
  readonly #signal: AbortSignal | undefined;
  readonly #loaded: { dispose(): void }[] = [];

  constructor(checkpoint: Checkpoint, signal?: AbortSignal) {
    this.#checkpoint = checkpoint;
    this.#signal = signal;
  }

  /**
   * A matrix that rows are multiplied by or taken from: as it is stored where it is BF16 or F16 and the
   * device unpacks it, else in float32.
   */
  async weight(name: string, shape: readonly [number, number]): Promise<Weight> {
    const { dtype } = this.#find(name, 2, shape);
    if (!staysPacked(dtype)) return this.matrix(name, shape);
    const packed = packedLinear(dtype, await this.#checkpoint.readRaw(name, this.#signal), shape);
    this.#loaded.push(packed);
    return packed;
  }

  /** A tensor of rank 2 in float32; without `shape`, any sizes. */
  async matrix(name: string, shape?: readonly [number, number]): Promise<tf.Tensor2D> {
    return (await this.#load(name, 2, shape)) as tf.Tensor2D;
  }

  async vector(name: string, length?: number): Promise<tf.Tensor1D> {
    return (await this.#load(name, 1, length === undefined ? undefined : [length])) as tf.Tensor1D;
  }

  /** Any rank of one exact shape, handed out as a matrix; of `shape[0]` rows where no number is given. */
  async rows(name: string, shape: readonly number[], rows = shape[0] ?? 1): Promise<tf.Tensor2D> {
    const size = shape.reduce((product, side) => product * side, 1);
    return (await this.#load(name, shape.length, shape, [rows, size / rows])) as tf.Tensor2D;
  }

  disposeAll(): void {
    for (const loaded of this.#loaded.splice(0)) loaded.dispose();
  }

  async #load(
    name: string,
    rank: number,
    shape?: readonly number[],
    as?: readonly number[],
  ): Promise<tf.Tensor> {
    const entry = this.#find(name, rank, shape);
    const bytes = 4 * entry.shape.reduce((product, side) => product * side, 1);
    requireFits(bytes, `${name} of ${this.#checkpoint.label} in float32`, 'Use a smaller model.', {
      file: entry.file,
      tensor: name,
    });
    const values = await this.#checkpoint.readFloat32(name, this.#signal);
    const tensor = tf.tensor(values, [...(as ?? entry.shape)], 'float32');
    this.#loaded.push(tensor);
    return tensor;
  }

  #find(name: string, rank: number, shape?: readonly number[]): TensorEntry {
    const entry = this.#checkpoint.tensors.get(name);
    const { label } = this.#checkpoint;
    if (!entry) {
      throw new StudioError(
        'missing',
        `${label} has no tensor ${name}. Its architecture needs that tensor. Check whether a shard of the folder is missing.`,
        { details: { file: label, tensor: name } },
      );
    }
    const fits = shape
      ? entry.shape.length === rank && shape.every((size, i) => size === entry.shape[i])
      : entry.shape.length === rank;
    if (!fits) {
      const wanted = shape ? `[${shape.join(', ')}]` : `${rank} dimensions`;
      throw new StudioError(
        'mismatch',
        `${name} of ${label} has shape [${entry.shape.join(', ')}], but its config.json calls for ${wanted}.`,
        {
          details: { file: entry.file, tensor: name, value: entry.shape.join('×') },
        },
      );
    }
    return entry;
  }
}
