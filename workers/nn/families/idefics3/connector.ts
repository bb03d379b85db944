/** Idefics3's connector: pixel shuffle, one linear layer without bias. */
import * as tf from '@tensorflow/tfjs-core';
import type { Connector } from '../../connectors/connector.ts';
import { pixelShuffle } from '../../connectors/pixel-shuffle.ts';
import { multiply } from '../../linear.ts';
import type { TensorLoader } from '../../tensor-loader.ts';

interface Shape {
  /** Of a row of the tower. */
  readonly width: number;
  readonly textWidth: number;
  /** Rows a side. */
  readonly side: number;
}

export async function loadIdefics3Connector(
  loader: TensorLoader,
  prefix: string,
  { width, textWidth, side }: Shape,
  factor: number,
): Promise<Connector> {
  const projection = await loader.weight(`${prefix}modality_projection.proj.weight`, [
    textWidth,
    width * factor ** 2,
  ]);
  return (rows, count) => tf.tidy(() => multiply(pixelShuffle(rows, count, side, factor), projection, true));
}
