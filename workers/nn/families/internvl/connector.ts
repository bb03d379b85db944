/** InternVL's connector: pixel shuffle, layer norm, a linear layer, an activation, another linear layer. */
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../../../core/family/vision/tower-shape.ts';
import { activations } from '../../activations.ts';
import { applyAffine, loadAffine } from '../../affine.ts';
import type { TensorLoader } from '../../tensor-loader.ts';
import { applyNorm } from '../../vision/block.ts';
import { loadLayerNorm } from '../../vision/encoder-names.ts';
import type { Connector } from '../../connectors/connector.ts';
import { pixelShuffle } from '../../connectors/pixel-shuffle.ts';

/** torch's LayerNorm default, which InternVLMultiModalProjector leaves as it is. */
const epsilon = 1e-5;

interface Shape {
  /** Of a row of the tower. */
  readonly width: number;
  readonly textWidth: number;
  /** Rows a side. */
  readonly side: number;
  readonly factor: number;
  readonly activation: Activation;
}

export async function loadInternVlConnector(
  loader: TensorLoader,
  prefix: string,
  { width, textWidth, side, factor, activation }: Shape,
): Promise<Connector> {
  const shuffled = width * factor ** 2;
  const norm = await loadLayerNorm(loader, `${prefix}layer_norm`, shuffled);
  const first = await loadAffine(loader, `${prefix}linear_1`, textWidth, shuffled);
  const second = await loadAffine(loader, `${prefix}linear_2`, textWidth, textWidth);
  return (rows, count) =>
    tf.tidy(() => {
      const normed = applyNorm(pixelShuffle(rows, count, side, factor), norm, epsilon);
      return applyAffine(activations[activation](applyAffine(normed, first)), second);
    });
}
