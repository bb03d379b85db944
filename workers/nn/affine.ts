/** x·Wᵀ + b and its loading, as towers and connectors have it. */
import * as tf from '@tensorflow/tfjs-core';
import { multiply, type Weight } from './linear.ts';
import type { TensorLoader } from './tensor-loader.ts';

export interface Affine {
  /** [out, in] */
  readonly weight: Weight;
  readonly bias: tf.Tensor1D | null;
}

export async function loadAffine(
  loader: TensorLoader,
  name: string,
  out: number,
  into: number,
  hasBias = true,
): Promise<Affine> {
  return {
    weight: await loader.weight(`${name}.weight`, [out, into]),
    bias: hasBias ? await loader.vector(`${name}.bias`, out) : null,
  };
}

/** [R, in] → [R, out] */
export function applyAffine(x: tf.Tensor2D, { weight, bias }: Affine): tf.Tensor2D {
  const product = multiply(x, weight, true);
  return bias ? tf.add(product, bias) : product;
}
