/**
 * Pixel shuffle: square groups of neighbouring rows become one longer row; and Idefics3's connector, which
 * puts one linear layer after it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { multiply } from '../linear.ts';
import type { TensorLoader } from '../tensor-loader.ts';
import type { Connector } from './connector.ts';

/**
 * factor × factor neighbouring patches become one row, out[i, j, (di·s + dj)·C + c] = in[i·s + di, j·s + dj,
 * c]. [N·side², C] → [N·(side/s)², C·s²]. Idefics3's and InternVL's orders are the same.
 */
export function pixelShuffle(x: tf.Tensor2D, count: number, side: number, factor: number): tf.Tensor2D {
  const width = x.shape[1];
  const small = side / factor;
  const blocks = tf.reshape(x, [count * small, factor, small, factor * width]);
  return tf.reshape(tf.transpose(blocks, [0, 2, 1, 3]), [count * small * small, factor * factor * width]);
}

export async function loadIdefics3Connector(
  loader: TensorLoader,
  prefix: string,
  width: number,
  textWidth: number,
  side: number,
  factor: number,
): Promise<Connector> {
  const projection = await loader.weight(`${prefix}modality_projection.proj.weight`, [
    textWidth,
    width * factor ** 2,
  ]);
  return (rows, count) => tf.tidy(() => multiply(pixelShuffle(rows, count, side, factor), projection, true));
}
