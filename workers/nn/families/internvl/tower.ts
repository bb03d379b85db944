/**
 * InternViT (Chen et al. 2023, arXiv 2312.14238) as transformers names it: a class token, learned positions,
 * layer scale, its own norms.
 */
import type { FeatureSpec, VisionSpec } from '../../../../core/family/vision/vision-spec.ts';
import { towerRows } from '../../../../core/family/vision/tower-shape.ts';
import { loadAffine } from '../../affine.ts';
import type { TensorLoader } from '../../tensor-loader.ts';
import type { Block, Norm } from '../../vision/block.ts';
import { loadLayerNorm, loadPatch } from '../../vision/encoder-names.ts';
import type { TowerWeights } from '../../vision/tower.ts';

export async function loadInternVit(
  loader: TensorLoader,
  prefix: string,
  spec: VisionSpec,
  features: FeatureSpec,
): Promise<TowerWeights> {
  const { hiddenSize: width, learnedPositions } = spec;
  const blocks: Block[] = [];
  for (let layer = 0; layer < Math.max(...features.layers); layer++)
    blocks.push(await loadBlock(loader, `${prefix}encoder.layer.${layer}.`, spec));
  return {
    patch: await loadPatch(loader, `${prefix}embeddings.patch_embeddings.projection`, spec, true),
    classToken: await loader.rows(`${prefix}embeddings.cls_token`, [1, 1, width]),
    positions: learnedPositions
      ? await loader.rows(
          `${prefix}embeddings.position_embeddings`,
          [1, towerRows(spec), width],
          towerRows(spec),
        )
      : null,
    preNorm: null,
    blocks,
    finalNorm: features.finalNorm ? await loadLayerNorm(loader, `${prefix}layernorm`, width) : null,
  };
}

async function loadBlock(
  loader: TensorLoader,
  name: string,
  { hiddenSize: width, intermediateSize: inner, norm, attentionBias, queryKeyNorm }: VisionSpec,
): Promise<Block> {
  const loadNorm = async (part: string): Promise<Norm> =>
    norm === 'layer'
      ? loadLayerNorm(loader, name + part, width)
      : { weight: await loader.vector(`${name}${part}.weight`, width), bias: null };
  return {
    norm1: await loadNorm('layernorm_before'),
    norm2: await loadNorm('layernorm_after'),
    q: await loadAffine(loader, `${name}attention.q_proj`, width, width, attentionBias),
    k: await loadAffine(loader, `${name}attention.k_proj`, width, width, attentionBias),
    v: await loadAffine(loader, `${name}attention.v_proj`, width, width, attentionBias),
    queryKeyNorm: queryKeyNorm
      ? {
          query: await loader.vector(`${name}attention.q_norm.weight`, width),
          key: await loader.vector(`${name}attention.k_norm.weight`, width),
        }
      : null,
    out: await loadAffine(loader, `${name}attention.projection_layer`, width, width),
    fc1: await loadAffine(loader, `${name}mlp.fc1`, inner, width),
    fc2: await loadAffine(loader, `${name}mlp.fc2`, width, inner),
    scales: {
      attention: await loader.vector(`${name}lambda_1`, width),
      mlp: await loader.vector(`${name}lambda_2`, width),
    },
  };
}
