/** The weights of Qwen2-VL's and Qwen2.5-VL's tower and connector, by transformers' names. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Qwen2VlTower } from '../../../../core/family/qwen2-vl/tower.ts';
import { loadAffine, type Affine } from '../../affine.ts';
import type { TensorLoader } from '../../tensor-loader.ts';
import type { Norm } from '../../vision/block.ts';

export interface Qwen2VlBlock {
  readonly norm1: Norm;
  readonly norm2: Norm;
  /** [3 · width, width]: queries, keys, values. */
  readonly qkv: Affine;
  readonly out: Affine;
  readonly up: Affine;
  /** What is activated where the MLP is gated (Qwen2.5-VL); else null, and `up` is. */
  readonly gate: Affine | null;
  readonly down: Affine;
}

export interface Qwen2VlWeights {
  /** [width, frames · C · p · p] as it is stored: channels, then frames. */
  readonly patch: tf.Tensor2D;
  readonly blocks: readonly Qwen2VlBlock[];
  readonly mergeNorm: Norm;
  readonly merge1: Affine;
  readonly merge2: Affine;
}

export async function loadQwen2VlTower(
  loader: TensorLoader,
  prefix: string,
  spec: Qwen2VlTower,
): Promise<Qwen2VlWeights> {
  const { hiddenSize: width, channels, temporalPatchSize: frames, patchSize, mergeSize } = spec;
  const patch = await loader.rows(`${prefix}patch_embed.proj.weight`, [
    width,
    channels,
    frames,
    patchSize,
    patchSize,
  ]);
  const blocks: Qwen2VlBlock[] = [];
  for (let layer = 0; layer < spec.layers; layer++)
    blocks.push(await loadBlock(loader, `${prefix}blocks.${layer}.`, spec));
  const merged = width * mergeSize ** 2;
  return {
    patch,
    blocks,
    mergeNorm: await loadNorm(loader, `${prefix}merger.ln_q`, spec),
    merge1: await loadAffine(loader, `${prefix}merger.mlp.0`, merged, merged),
    merge2: await loadAffine(loader, `${prefix}merger.mlp.2`, spec.outSize, merged),
  };
}

async function loadBlock(loader: TensorLoader, name: string, spec: Qwen2VlTower): Promise<Qwen2VlBlock> {
  const { hiddenSize: width, intermediateSize: inner, gatedMlp } = spec;
  const [up, down] = gatedMlp ? ['mlp.up_proj', 'mlp.down_proj'] : ['mlp.fc1', 'mlp.fc2'];
  return {
    norm1: await loadNorm(loader, `${name}norm1`, spec),
    norm2: await loadNorm(loader, `${name}norm2`, spec),
    qkv: await loadAffine(loader, `${name}attn.qkv`, 3 * width, width),
    out: await loadAffine(loader, `${name}attn.proj`, width, width),
    up: await loadAffine(loader, name + up, inner, width),
    gate: gatedMlp ? await loadAffine(loader, `${name}mlp.gate_proj`, inner, width) : null,
    down: await loadAffine(loader, name + down, width, inner),
  };
}

async function loadNorm(
  loader: TensorLoader,
  name: string,
  { hiddenSize, norm }: Qwen2VlTower,
): Promise<Norm> {
  return {
    weight: await loader.vector(`${name}.weight`, hiddenSize),
    bias: norm === 'layer' ? await loader.vector(`${name}.bias`, hiddenSize) : null,
  };
}
