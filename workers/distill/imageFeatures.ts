/** Vision features of a set of images: computed once, kept on the CPU, uploaded a batch at a time. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { VisionModel } from '../nn/contract.ts';
import { checkCancelled } from './cancel.ts';

export interface ImageFeatures {
  readonly count: number;
  /** [indices · I, D], the caller's to dispose. */
  take(indices: readonly number[]): Tensor2D;
}

const batchImages = 32;

/**
 * @param pixels normalised [C, H, W] of image i
 * @param onDone called with the number of images encoded so far
 */
export async function encodeImages(
  vision: VisionModel,
  count: number,
  pixels: (index: number) => Float32Array,
  onDone: (done: number) => void,
  signal: AbortSignal,
): Promise<ImageFeatures> {
  let all = new Float32Array(0);
  let each = 0;
  let width = 0;
  for (let start = 0; start < count; start += batchImages) {
    checkCancelled(signal);
    const size = Math.min(batchImages, count - start);
    const first = pixels(start);
    const batch = new Float32Array(size * first.length);
    for (let i = 0; i < size; i++) batch.set(i === 0 ? first : pixels(start + i), i * first.length);
    const encoded = vision.encode(batch, size);
    const values = await encoded.data<'float32'>().finally(() => encoded.dispose());
    width = encoded.shape[2];
    each = encoded.shape[1] * width;
    if (start === 0) all = new Float32Array(count * each);
    all.set(values, start * each);
    onDone(start + size);
  }
  return {
    count,
    take: (indices) => {
      const rows = new Float32Array(indices.length * each);
      indices.forEach((index, i) => rows.set(all.subarray(index * each, (index + 1) * each), i * each));
      return tf.tensor2d(rows, [rows.length / width, width]);
    },
  };
}
