/** The tensors that SigLIP and CLIP towers name alike: patches, positions, blocks. */
import type * as tf from '@tensorflow/tfjs-core';
import type { VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import { towerRows } from '../../../core/family/vision/tower-shape.ts';
import { loadAffine, type Affine } from '../affine.ts';
import type { TensorLoader } from '../tensor-loader.ts';
import type { Block, Norm } from './block.ts';

export async function loadPatch(
  loader: TensorLoader,
  name: string,
  { hiddenSize, channels, patchSize }: VisionSpec,
  hasBias: boolean,
): Promise<Affine> {
  return {
    weight: await loader.rows(`${name}.weight`, [hiddenSize, channels, patchSize, patchSize]),
    bias: hasBias ? await loader.vector(`${name}.bias`, hiddenSize) : null,
  };
}

export function loadPositions(loader: TensorLoader, prefix: string, spec: VisionSpec): Promise<tf.Tensor2D> {
  return loader.matrix(`${prefix}embeddings.position_embedding.weight`, [towerRows(spec), spec.hiddenSize]);
}

export async function loadLayerNorm(loader: TensorLoader, name: string, width: number): Promise<Norm> {
  return {
    weight: await loader.vector(`${name}.weight`, width),
    bias: await loader.vector(`${name}.bias`, width),
  };
}

/** The first `count` blocks: no more are read than are computed. */
export async function loadBlocks(
  loader: TensorLoader,
  prefix: string,
  { hiddenSize: width, intermediateSize: inner }: VisionSpec,
  count: number,
): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (let layer = 0; layer < count; layer++) {
    const name = `${prefix}encoder.layers.${layer}.`;
    blocks.push({
      norm1: await loadLayerNorm(loader, `${name}layer_norm1`, width),
      norm2: await loadLayerNorm(loader, `${name}layer_norm2`, width),
      q: await loadAffine(loader, `${name}self_attn.q_proj`, width, width),
      k: await loadAffine(loader, `${name}self_attn.k_proj`, width, width),
      v: await loadAffine(loader, `${name}self_attn.v_proj`, width, width),
      queryKeyNorm: null,
      out: await loadAffine(loader, `${name}self_attn.out_proj`, width, width),
      fc1: await loadAffine(loader, `${name}mlp.fc1`, inner, width),
      fc2: await loadAffine(loader, `${name}mlp.fc2`, width, inner),
      scales: null,
    });
  }
  return blocks;
}
