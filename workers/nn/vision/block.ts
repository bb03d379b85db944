/**
 * One block of a vision transformer (Dosovitskiy et al. 2021, arXiv 2010.11929), norms first:
 *   x += λ₁ ⊙ out(attend(q, k, v)) of norm₁(x);  x += λ₂ ⊙ fc2(activation(fc1)) of norm₂(x).
 * λ is InternViT's layer scale (Touvron et al. 2021, arXiv 2103.17239), 1 elsewhere. Every row of an image
 * reads every other.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import { joinHeads, splitHeads } from '../../kernels/heads/heads.ts';
import { activations } from '../activations.ts';
import { applyAffine, type Affine } from '../affine.ts';
import { attend } from '../attention.ts';
import { layerNorm } from '../layer-norm.ts';
import { rmsNorm } from '../rms-norm.ts';

export interface Norm {
  readonly weight: tf.Tensor1D;
  /** Null for an RMS norm. */
  readonly bias: tf.Tensor1D | null;
}

export interface Block {
  readonly norm1: Norm;
  readonly norm2: Norm;
  readonly q: Affine;
  readonly k: Affine;
  readonly v: Affine;
  /** RMSNorm weights over the whole width; InternViT-6B only. */
  readonly queryKeyNorm: { readonly query: tf.Tensor1D; readonly key: tf.Tensor1D } | null;
  readonly out: Affine;
  readonly fc1: Affine;
  readonly fc2: Affine;
  readonly scales: { readonly attention: tf.Tensor1D; readonly mlp: tf.Tensor1D } | null;
}

/** InternVLVisionRMSNorm's own, whatever layer_norm_eps is. */
const queryKeyEpsilon = 1e-6;

export function applyNorm(x: tf.Tensor2D, { weight, bias }: Norm, epsilon: number): tf.Tensor2D {
  return bias ? layerNorm(x, weight, bias, epsilon) : rmsNorm(x, weight, epsilon);
}

/** `rows` [N·T, width] of `count` images → the same shape. */
export function applyBlock(
  rows: tf.Tensor2D,
  block: Block,
  count: number,
  { layerNormEps: epsilon, heads, hiddenSize: width, activation }: VisionSpec,
): tf.Tensor2D {
  const normed = applyNorm(rows, block.norm1, epsilon);
  const project = (affine: Affine, norm: tf.Tensor1D | undefined) => {
    const projected = applyAffine(normed, affine);
    return splitHeads(norm ? rmsNorm(projected, norm, queryKeyEpsilon) : projected, count, heads, null);
  };
  const queries = tf.mul(project(block.q, block.queryKeyNorm?.query), (width / heads) ** -0.5) as tf.Tensor4D;
  const mixed = joinHeads(
    attend(queries, project(block.k, block.queryKeyNorm?.key), project(block.v, undefined), null),
  );
  const middle: tf.Tensor2D = tf.add(rows, scaled(applyAffine(mixed, block.out), block.scales?.attention));
  const inner = activations[activation](applyAffine(applyNorm(middle, block.norm2, epsilon), block.fc1));
  return tf.add(middle, scaled(applyAffine(inner, block.fc2), block.scales?.mlp));
}

function scaled(x: tf.Tensor2D, scale: tf.Tensor1D | undefined): tf.Tensor2D {
  return scale ? tf.mul(x, scale) : x;
}
