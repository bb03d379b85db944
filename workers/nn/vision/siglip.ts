/**
 * SigLIP (Zhai et al. 2023, arXiv 2303.15343): no class token, learned positions. Also Idefics3's and
 * SmolVLM's tower.
 */
import type { FeatureSpec, VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import type { TensorLoader } from '../tensor-loader.ts';
import { loadBlocks, loadLayerNorm, loadPatch, loadPositions } from './encoder-names.ts';
import type { TowerWeights } from './tower.ts';

export async function loadSiglip(
  loader: TensorLoader,
  prefix: string,
  spec: VisionSpec,
  features: FeatureSpec,
): Promise<TowerWeights> {
  return {
    patch: await loadPatch(loader, `${prefix}embeddings.patch_embedding`, spec, true),
    classToken: null,
    positions: await loadPositions(loader, prefix, spec),
    preNorm: null,
    blocks: await loadBlocks(loader, prefix, spec, Math.max(...features.layers)),
    finalNorm: features.finalNorm
      ? await loadLayerNorm(loader, `${prefix}post_layernorm`, spec.hiddenSize)
      : null,
  };
}
