/**
 * LLaVA-1.5's projector (Liu et al. 2023, arXiv 2310.03744): a linear layer, an activation, another linear
 * layer.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../../core/family/vision/tower-shape.ts';
import { activations } from '../activations.ts';
import { applyAffine, loadAffine } from '../affine.ts';
import type { TensorLoader } from '../tensor-loader.ts';
import type { Connector } from './connector.ts';

/** @param width of a row of features, all states side by side */
export async function loadMlpConnector(
  loader: TensorLoader,
  prefix: string,
  width: number,
  textWidth: number,
  options: { readonly activation: Activation; readonly bias: boolean },
): Promise<Connector> {
  const first = await loadAffine(loader, `${prefix}linear_1`, textWidth, width, options.bias);
  const second = await loadAffine(loader, `${prefix}linear_2`, textWidth, textWidth, options.bias);
  return (rows) =>
    tf.tidy(() => applyAffine(activations[options.activation](applyAffine(rows, first)), second));
}
