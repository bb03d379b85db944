/**
 * Qwen2-VL (Wang et al. 2024, arXiv 2409.12191) and Qwen2.5-VL (Bai et al. 2025, arXiv 2502.13923): images of
 * any size, a tower with two-dimensional rotary positions, and a Qwen2 language model in which an image's
 * tokens stand in a grid. Defaults are those of transformers' config classes (5.23).
 */
import { towerKeys, wholeKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { CommonVisionSpec, FamilyDescriptor, Reading } from '../descriptor.ts';
import { readTextConfig } from '../text/text-config.ts';
import { findPrefix, findTextNames } from '../text/text-names.ts';
import { readQwen2VlTower, type Qwen2VlTower } from './tower.ts';

export interface Qwen2VlSpec extends CommonVisionSpec<'qwen2-vl'> {
  readonly vision: Qwen2VlTower;
}

export const qwen2Vl: FamilyDescriptor<Qwen2VlSpec> = {
  architectures: {
    Qwen2VLForConditionalGeneration: 'qwen2_vl',
    Qwen2_5_VLForConditionalGeneration: 'qwen2_5_vl',
  },
  textModule: 'model.language_model',
  keys: {
    whole: wholeKeys['qwen2-vl'],
    tower: (architecture) => towerKeys[isSecond(architecture) ? 'qwen2.5-vl' : 'qwen2-vl'],
  },
  read,
  about: {
    name: 'Qwen2-VL, Qwen2.5-VL (images, not videos)',
    tower:
      'two-dimensional rotary positions; layer norms and attention over the whole image, or RMS norms, SwiGLU and attention in windows',
    connector: 'norm, 2 × 2 patches side by side, linear, activation, linear',
    image: 'the whole image at a size of its own, in multiples of a token (28 pixels)',
  },
};

const isSecond = (architecture: string): boolean => architecture === 'Qwen2_5_VLForConditionalGeneration';

const textTypes = ['qwen2_vl_text', 'qwen2_5_vl_text', 'qwen2_vl', 'qwen2_5_vl'];

function read(config: ConfigReader, architecture: string, names: ReadonlySet<string>): Reading<Qwen2VlSpec> {
  // Published checkpoints have the language model's settings at the top, newer ones in text_config.
  const inner = config.child('text_config') ?? config;
  const type = inner.text('model_type', 'qwen2_vl_text');
  if (!textTypes.includes(type)) return { reason: `its language model is of type ${type}` };
  const plain = readTextConfig(inner, 'qwen2_vl_text');
  if ('reason' in plain) return plain;
  const tied = plain.tiedEmbeddings || config.flag('tie_word_embeddings', false);
  const text = { ...plain, tiedEmbeddings: tied };

  const vision = readQwen2VlTower(config.nested('vision_config'), isSecond(architecture));
  if ('reason' in vision) return vision;
  if (vision.outSize !== text.hiddenSize)
    return {
      reason: `its vision tower gives ${vision.outSize} numbers a token, and its language model takes ${text.hiddenSize}`,
    };

  const found = findTextNames(['model.language_model.', 'model.'], names, tied);
  if ('reason' in found) return found;
  const tower = findPrefix(['visual.', 'model.visual.'], 'patch_embed.proj.weight', names);
  if ('reason' in tower) return tower;
  return {
    kind: 'vlm',
    family: 'qwen2-vl',
    architecture,
    text,
    vision,
    blocks: vision.layers,
    tokensPerTile: 1,
    imageTokenId: config.whole('image_token_id', 151_655, [0, 2 ** 24]),
    names: { ...found, vision: tower.prefix, connector: `${tower.prefix}merger.` },
  };
}
