/** Brings a checkpoint's tensors to the device, checks their shapes, and remembers them so that all can be given back. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';
import type { Checkpoint } from '../io/contract.ts';

export class TensorLoader {
  readonly #checkpoint: Checkpoint;
  readonly #signal: AbortSignal | undefined;
  readonly #loaded: tf.Tensor[] = [];

  constructor(checkpoint: Checkpoint, signal?: AbortSignal) {
    this.#checkpoint = checkpoint;
    this.#signal = signal;
  }

  /** A tensor of rank 2; without `shape`, any sizes. */
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
    tf.dispose(this.#loaded.splice(0));
  }

  async #load(name: string, rank: number, shape?: readonly number[], as?: readonly number[]): Promise<tf.Tensor> {
    const entry = this.#checkpoint.tensors.get(name);
    const { label } = this.#checkpoint;
    if (!entry) {
      throw new StudioError('missing', `${label} has no tensor ${name}. Its architecture needs it: is a shard of the folder missing?`, { details: { file: label, tensor: name } });
    }
    const fits = shape ? entry.shape.length === rank && shape.every((size, i) => size === entry.shape[i]) : entry.shape.length === rank;
    if (!fits) {
      const wanted = shape ? `[${shape.join(', ')}]` : `${rank} dimensions`;
      throw new StudioError('mismatch', `${name} of ${label} has shape [${entry.shape.join(', ')}], but its config.json calls for ${wanted}.`, {
        details: { file: entry.file, tensor: name, value: entry.shape.join('×') },
      });
    }
    const values = await this.#checkpoint.readFloat32(name, this.#signal);
    const tensor = tf.tensor(values, [...(as ?? entry.shape)], 'float32');
    this.#loaded.push(tensor);
    return tensor;
  }
}
