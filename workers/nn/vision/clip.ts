/**
 * CLIP's image tower (Radford et al. 2021, arXiv 2103.00020): a class token, learned positions, a norm before
 * the first block.
 */
import type { FeatureSpec, VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import type { TensorLoader } from '../tensor-loader.ts';
import { loadBlocks, loadLayerNorm, loadPatch, loadPositions } from './encoder-names.ts';
import type { TowerWeights } from './tower.ts';

export async function loadClip(
  loader: TensorLoader,
  prefix: string,
  spec: VisionSpec,
  features: FeatureSpec,
): Promise<TowerWeights> {
  return {
    patch: await loadPatch(loader, `${prefix}embeddings.patch_embedding`, spec, false),
    classToken: await loader.rows(`${prefix}embeddings.class_embedding`, [spec.hiddenSize], 1),
    positions: await loadPositions(loader, prefix, spec),
    // So spelt in every checkpoint.
    preNorm: await loadLayerNorm(loader, `${prefix}pre_layrnorm`, spec.hiddenSize),
    blocks: await loadBlocks(loader, prefix, spec, Math.max(...features.layers)),
    finalNorm: null,
  };
}
