/** InternVL in transformers' layout: an InternViT tower, pixel shuffle, norm, two linear layers. */
import { towerKeys, wholeKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { CommonVisionSpec, FamilyDescriptor, Reading } from '../descriptor.ts';
import { readInnerText } from '../text/inner-text.ts';
import { findPrefix, findTextNames, llavaTextPrefixes } from '../text/text-names.ts';
import type { TextSpec } from '../text/text-spec.ts';
import { patchGrid, type Activation } from '../vision/tower-shape.ts';
import { readActivation, readDropFirst, readFeatureLayers, readTower } from '../vision/vision-config.ts';
import { featureRows, type FeatureSpec, type VisionSpec } from '../vision/vision-spec.ts';

export interface InternVlSpec extends CommonVisionSpec<'internvl'> {
  readonly vision: VisionSpec;
  readonly features: FeatureSpec;
  /** Pixel shuffle, LayerNorm, linear, activation, linear. */
  readonly connector: {
    readonly kind: 'shuffle-mlp';
    readonly factor: number;
    readonly activation: Activation;
  };
}

export const internVl: FamilyDescriptor<InternVlSpec> = {
  architectures: { InternVLForConditionalGeneration: 'internvl' },
  textModule: 'model.language_model',
  keys: { whole: wholeKeys.internvl, tower: () => towerKeys.internvit },
  read,
  about: {
    name: "InternVL (transformers' layout)",
    tower: 'InternViT: layer scale, layer or RMS norms',
    connector: 'pixel shuffle, norm, linear, activation, linear',
    image: 'a grid of tiles of the nearest aspect, and the whole image',
  },
};

function read(config: ConfigReader, architecture: string, names: ReadonlySet<string>): Reading<InternVlSpec> {
  const inner = readInnerText(config, 'qwen2');
  if ('reason' in inner) return inner;
  const text: TextSpec = { ...inner, tiedEmbeddings: config.flag('tie_word_embeddings', true) };
  const towerConfig = config.nested('vision_config');
  const type = towerConfig.text('model_type', 'internvl_vision');
  if (type !== 'internvl_vision') return { reason: `its vision tower is of type ${type}` };
  const vision = readTower(towerConfig, 'internvit');
  if ('reason' in vision) return vision;

  const layers = readFeatureLayers(config, vision, -1);
  if (layers.length !== 1 || Array.isArray(config.raw('vision_feature_layer')))
    return { reason: 'its features come from several layers of the tower' };
  // Only the index −1 means the tower's output, which goes through its last norm where it has one; other
  // states are taken before it.
  const finalNorm =
    (config.raw('vision_feature_layer') ?? -1) === -1 && !towerConfig.flag('use_mean_pooling', true);
  const features = { layers, finalNorm, dropFirst: readDropFirst(config, 'default') };
  const side = patchGrid(vision);
  if (featureRows(vision, features) !== side ** 2)
    return { reason: 'its class token is kept among the features, which then form no square' };
  const ratio = config.number('downsample_ratio', 0.5, [1 / 64, 1]);
  const factor = 1 / ratio;
  if (!Number.isInteger(factor) || side % factor !== 0)
    return { reason: `its ${side} × ${side} patches do not divide by its downsample_ratio ${ratio}` };
  const activation = readActivation(config, 'projector_hidden_act', 'gelu');
  if (typeof activation !== 'string') return activation;

  const found = findTextNames(llavaTextPrefixes, names, text.tiedEmbeddings);
  if ('reason' in found) return found;
  const tower = findPrefix(
    ['vision_tower.', 'model.vision_tower.'],
    'embeddings.patch_embeddings.projection.weight',
    names,
  );
  if ('reason' in tower) return tower;
  const projector = findPrefix(
    ['multi_modal_projector.', 'model.multi_modal_projector.'],
    'linear_1.weight',
    names,
  );
  if ('reason' in projector) return projector;
  return {
    kind: 'vlm',
    family: 'internvl',
    architecture,
    text,
    vision,
    blocks: layers[0] ?? 0,
    features,
    connector: { kind: 'shuffle-mlp', factor, activation },
    tokensPerTile: (side / factor) ** 2,
    imageTokenId: config.whole('image_token_id', 151_667, [0, 2 ** 24]),
    names: { ...found, vision: tower.prefix, connector: projector.prefix },
  };
}
