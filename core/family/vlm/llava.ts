/**
 * LLaVA: a CLIP or SigLIP tower, features before its last norm (usually of the last block but one), a linear
 * layer, activation and another.
 */
import type { ConfigReader } from '../config-reader.ts';
import type { TextSpec, VisionLanguageSpec, VisionSpec } from '../model-spec.ts';
import { findPrefix, findTextNames, llavaTextPrefixes } from '../text-names.ts';
import {
  featureRows,
  readActivation,
  readDropFirst,
  readFeatureLayers,
  readTower,
  type Reading,
} from '../vision-config.ts';
import { readVlmText } from './vlm-text.ts';

/** LlavaConfig's tower where config.json has no vision_config at all. */
const tower336 = {
  intermediateSize: 4096,
  hiddenSize: 1024,
  patchSize: 14,
  imageSize: 336,
  layers: 24,
  heads: 16,
} as const;

export function readLlava(
  config: ConfigReader,
  architecture: string,
  names: ReadonlySet<string>,
): Reading<VisionLanguageSpec> {
  const parts = readLlavaParts(config, names, {
    text: 'llama',
    tower: 'clip',
    layer: -2,
    strategy: 'default',
    towerDefaults: config.has('vision_config') ? {} : tower336,
  });
  if ('reason' in parts) return parts;
  return {
    kind: 'vlm',
    family: 'llava',
    architecture,
    anyResolution: null,
    imageTokenId: readImageToken(config, 32_000),
    ...parts,
  };
}

interface LlavaDefaults {
  readonly text: TextSpec['family'];
  readonly tower: 'clip' | 'siglip';
  readonly layer: number;
  readonly strategy: 'default' | 'full';
  readonly towerDefaults: Parameters<typeof readTower>[2];
}

type LlavaParts = Pick<
  VisionLanguageSpec,
  'text' | 'vision' | 'features' | 'connector' | 'tokensPerTile' | 'names'
>;

/** What LLaVA and LLaVA-OneVision have in common. */
export function readLlavaParts(
  config: ConfigReader,
  names: ReadonlySet<string>,
  defaults: LlavaDefaults,
): Reading<LlavaParts> {
  const inner = readVlmText(config, defaults.text);
  if ('reason' in inner) return inner;
  // The outer flag is false in many checkpoints that say in text_config that they are tied: either counts.
  const text: TextSpec = {
    ...inner,
    tiedEmbeddings: inner.tiedEmbeddings || config.flag('tie_word_embeddings', false),
  };

  const towerConfig = config.nested('vision_config');
  const type = towerConfig.text('model_type', `${defaults.tower}_vision_model`);
  if (type !== 'clip_vision_model' && type !== 'siglip_vision_model')
    return { reason: `its vision tower is of type ${type}` };
  const vision: Reading<VisionSpec> = readTower(
    towerConfig,
    type === 'clip_vision_model' ? 'clip' : 'siglip',
    defaults.towerDefaults,
  );
  if ('reason' in vision) return vision;
  const features = {
    layers: readFeatureLayers(config, vision, defaults.layer),
    finalNorm: false,
    dropFirst: readDropFirst(config, defaults.strategy),
  };
  const activation = readActivation(config, 'projector_hidden_act', 'gelu');
  if (typeof activation !== 'string') return activation;

  const found = findTextNames(llavaTextPrefixes, names, text.tiedEmbeddings);
  if ('missing' in found) return { reason: `it has no tensor ${found.missing}` };
  const towers = findPrefix(
    [
      'vision_tower.vision_model.',
      'vision_tower.',
      'model.vision_tower.vision_model.',
      'model.vision_tower.',
    ],
    'embeddings.patch_embedding.weight',
    names,
  );
  if ('missing' in towers) return { reason: `it has no tensor ${towers.missing}` };
  const projector = findPrefix(
    ['multi_modal_projector.', 'model.multi_modal_projector.'],
    'linear_1.weight',
    names,
  );
  if ('missing' in projector) return { reason: `it has no tensor ${projector.missing}` };
  return {
    text,
    vision,
    features,
    connector: { kind: 'mlp', activation, bias: config.flag('multimodal_projector_bias', true) },
    tokensPerTile: featureRows(vision, features),
    names: { ...found, vision: towers.prefix, connector: projector.prefix, newline: null },
  };
}

/** `image_token_index`, which newer configs call `image_token_id`. */
export function readImageToken(config: ConfigReader, fallback: number): number {
  return config.whole(config.has('image_token_index') ? 'image_token_index' : 'image_token_id', fallback, [
    0,
    2 ** 24,
  ]);
}
