/** What LLaVA and LLaVA-OneVision have in common: tower, features, connector and where their tensors are. */
import { towerKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { ReadRules } from '../../reading/rules.ts';
import type { CommonVisionSpec, Reading } from '../descriptor.ts';
import { readInnerText } from '../text/inner-text.ts';
import { findPrefix, findTextNames, llavaTextPrefixes } from '../text/text-names.ts';
import type { TextSpec } from '../text/text-spec.ts';
import type { TextType } from '../text/text-types.ts';
import type { Activation } from '../vision/tower-shape.ts';
import { readActivation, readDropFirst, readFeatureLayers, readTower } from '../vision/vision-config.ts';
import { featureRows, type FeatureSpec, type VisionSpec } from '../vision/vision-spec.ts';

interface LlavaDefaults {
  readonly text: TextType;
  readonly tower: 'clip' | 'siglip';
  readonly layer: number;
  readonly strategy: 'default' | 'full';
  readonly towerDefaults: Parameters<typeof readTower>[2];
}

export interface LlavaParts extends Pick<CommonVisionSpec<string>, 'text' | 'tokensPerTile' | 'names'> {
  readonly vision: VisionSpec;
  readonly blocks: number;
  readonly features: FeatureSpec;
  /** Linear, activation, linear. */
  readonly connector: { readonly kind: 'mlp'; readonly activation: Activation; readonly bias: boolean };
}

/** What LLaVA and LLaVA-OneVision have in common. */
export function readLlavaParts(
  config: ConfigReader,
  names: ReadonlySet<string>,
  defaults: LlavaDefaults,
): Reading<LlavaParts> {
  const inner = readInnerText(config, defaults.text);
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
  if ('reason' in found) return found;
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
  if ('reason' in towers) return towers;
  const projector = findPrefix(
    ['multi_modal_projector.', 'model.multi_modal_projector.'],
    'linear_1.weight',
    names,
  );
  if ('reason' in projector) return projector;
  return {
    text,
    vision,
    blocks: Math.max(...features.layers),
    features,
    connector: { kind: 'mlp', activation, bias: config.flag('multimodal_projector_bias', true) },
    tokensPerTile: featureRows(vision, features),
    names: { ...found, vision: towers.prefix, connector: projector.prefix },
  };
}

/**
 * `image_token_index`, which newer configs call `image_token_id`. Where a file has both, the newer name counts,
 * whichever comes first (the `attribute_map` of LlavaConfig and LlavaOnevisionConfig, transformers 5.23).
 */
export function readImageToken(config: ConfigReader, fallback: number): number {
  return config.whole(config.has('image_token_id') ? 'image_token_id' : 'image_token_index', fallback, [
    0,
    2 ** 24,
  ]);
}

/** @param type `model_type` of vision_config */
export function llavaTowerKeys(type: unknown, usual: LlavaDefaults['tower']): ReadRules {
  if (type === 'clip_vision_model') return towerKeys.clip;
  return type === 'siglip_vision_model' ? towerKeys.siglip : towerKeys[usual];
}
