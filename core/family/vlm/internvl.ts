/** InternVL in transformers' layout: an InternViT tower, pixel shuffle, norm, two linear layers. */
import type { ConfigReader } from '../config-reader.ts';
import type { TextSpec, VisionLanguageSpec } from '../model-spec.ts';
import { findPrefix, findTextNames, llavaTextPrefixes } from '../text-names.ts';
import {
  featureRows,
  patchGrid,
  readActivation,
  readDropFirst,
  readFeatureLayers,
  readTower,
  type Reading,
} from '../vision-config.ts';
import { readVlmText } from './vlm-text.ts';

export function readInternVl(
  config: ConfigReader,
  architecture: string,
  names: ReadonlySet<string>,
): Reading<VisionLanguageSpec> {
  const inner = readVlmText(config, 'qwen2');
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
  if ('missing' in found) return { reason: `it has no tensor ${found.missing}` };
  const tower = findPrefix(
    ['vision_tower.', 'model.vision_tower.'],
    'embeddings.patch_embeddings.projection.weight',
    names,
  );
  if ('missing' in tower) return { reason: `it has no tensor ${tower.missing}` };
  const projector = findPrefix(
    ['multi_modal_projector.', 'model.multi_modal_projector.'],
    'linear_1.weight',
    names,
  );
  if ('missing' in projector) return { reason: `it has no tensor ${projector.missing}` };
  return {
    kind: 'vlm',
    family: 'internvl',
    architecture,
    text,
    vision,
    features,
    connector: { kind: 'shuffle-mlp', factor, activation },
    tokensPerTile: (side / factor) ** 2,
    anyResolution: null,
    imageTokenId: config.whole('image_token_id', 151_667, [0, 2 ** 24]),
    names: { ...found, vision: tower.prefix, connector: projector.prefix, newline: null },
  };
}
