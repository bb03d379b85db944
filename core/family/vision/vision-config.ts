/** Vision towers: `vision_config` → VisionSpec. Defaults are those of transformers' config classes (5.23). */
import type { ConfigReader } from '../config-reader.ts';
import type { Reading } from '../descriptor.ts';
import type { Activation } from './tower-shape.ts';
import type { VisionSpec } from './vision-spec.ts';

type Defaults = Pick<
  VisionSpec,
  'hiddenSize' | 'intermediateSize' | 'layers' | 'heads' | 'imageSize' | 'patchSize'
>;

interface Family extends Defaults {
  readonly activation: Activation;
  readonly layerNormEps: number;
}

const base = { hiddenSize: 768, intermediateSize: 3072, layers: 12, heads: 12, imageSize: 224 } as const;
const families: Readonly<Record<'idefics3' | VisionSpec['tower'], Family>> = {
  /** Idefics3VisionConfig and SmolVLMVisionConfig, which are the same. */
  idefics3: {
    ...base,
    hiddenSize: 1152,
    heads: 16,
    patchSize: 32,
    activation: 'gelu_pytorch_tanh',
    layerNormEps: 1e-6,
  },
  siglip: { ...base, patchSize: 16, activation: 'gelu_pytorch_tanh', layerNormEps: 1e-6 },
  clip: { ...base, patchSize: 32, activation: 'quick_gelu', layerNormEps: 1e-5 },
  internvit: {
    hiddenSize: 1024,
    intermediateSize: 4096,
    layers: 24,
    heads: 16,
    imageSize: 448,
    patchSize: 14,
    activation: 'gelu',
    layerNormEps: 1e-6,
  },
};

const isActivation = (name: string): name is Activation =>
  name === 'gelu' || name === 'gelu_pytorch_tanh' || name === 'quick_gelu' || name === 'silu';

/** @param defaults what the outer config puts in place of the class's own defaults */
export function readTower(
  config: ConfigReader,
  family: keyof typeof families,
  defaults: Partial<Defaults> = {},
): Reading<VisionSpec> {
  const fallback = { ...families[family], ...defaults };
  const activation = readActivation(config, 'hidden_act', fallback.activation);
  if (typeof activation !== 'string') return activation;
  const hiddenSize = config.whole('hidden_size', fallback.hiddenSize);
  const heads = config.whole('num_attention_heads', fallback.heads, [1, 4096]);
  if (hiddenSize % heads !== 0) config.refuse('hidden_size', `a multiple of num_attention_heads (${heads})`);
  const imageSize = readSide(config, 'image_size', fallback.imageSize, [1, 16_384]);
  const patchSize = readSide(config, 'patch_size', fallback.patchSize, [1, 1024]);
  if (imageSize === null || patchSize === null)
    return { reason: 'its vision tower takes images or patches that are not square' };
  if (patchSize > imageSize) config.refuse('patch_size', `at most image_size (${imageSize})`);
  const isInternVit = family === 'internvit';
  const norm = isInternVit ? config.text('norm_type', 'layer_norm') : 'layer_norm';
  if (norm !== 'layer_norm' && norm !== 'rms_norm')
    return { reason: `its vision tower's norm ${norm} is not computed here` };
  return {
    tower: family === 'idefics3' ? 'siglip' : family,
    hiddenSize,
    intermediateSize: config.whole('intermediate_size', fallback.intermediateSize),
    layers: config.whole('num_hidden_layers', fallback.layers, [1, 1024]),
    heads,
    channels: config.whole('num_channels', 3, [1, 16]),
    imageSize,
    patchSize,
    layerNormEps: config.number('layer_norm_eps', fallback.layerNormEps, [0, 1]),
    activation,
    gatedMlp: false,
    reads: 'tile',
    classToken: family === 'clip' || isInternVit,
    norm: norm === 'rms_norm' ? 'rms' : 'layer',
    attentionBias: !isInternVit || config.flag('attention_bias', false),
    queryKeyNorm: isInternVit && config.flag('use_qk_norm', false),
    learnedPositions: !isInternVit || config.flag('use_absolute_position_embeddings', true),
  };
}

export function readActivation(config: ConfigReader, key: string, fallback: Activation): Reading<Activation> {
  const name = config.text(key, fallback);
  return isActivation(name) ? name : { reason: `its activation ${name} (${key}) is not computed here` };
}

/**
 * `vision_feature_layer`: an index into the states before, between and after the blocks, counted from the end
 * when negative; or several.
 */
export function readFeatureLayers(
  config: ConfigReader,
  tower: VisionSpec,
  fallback: number,
): readonly number[] {
  const key = 'vision_feature_layer';
  const value = config.raw(key) ?? fallback;
  // transformers (to 5.23) takes a bare 0 for no layer at all, and fails; it is a layer in a list alone.
  if (value === 0) config.refuse(key, 'another layer, or a list with it where the model takes lists');
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const isLayer = (index: unknown): index is number =>
    Number.isInteger(index) && Math.abs((index as number) + 0.5) < tower.layers + 1;
  if (list.length === 0 || list.length > 64 || !list.every(isLayer))
    return config.refuse(
      key,
      `a whole number from ${-tower.layers - 1} to ${tower.layers} or a list of them`,
    );
  return list.map((index) => (index < 0 ? tower.layers + 1 + index : index));
}

/** `vision_feature_select_strategy`: whether the first row is left out. */
export function readDropFirst(config: ConfigReader, fallback: 'default' | 'full'): boolean {
  const key = 'vision_feature_select_strategy';
  const value = config.text(key, fallback);
  return value === 'default' || value === 'full'
    ? value === 'default'
    : config.refuse(key, '"default" or "full"');
}

/** A number, or a list of two that are equal; null when they are not. */
function readSide(
  config: ConfigReader,
  key: string,
  fallback: number,
  [low, high]: readonly [number, number],
): number | null {
  const value = config.raw(key);
  if (!Array.isArray(value)) return config.whole(key, fallback, [low, high]);
  const sizes: unknown[] = value;
  const isSize = (size: unknown): size is number =>
    typeof size === 'number' && Number.isInteger(size) && size >= low && size <= high;
  if (sizes.length !== 2 || !sizes.every(isSize))
    return config.refuse(key, `a whole number from ${low} to ${high} or two`);
  return sizes[0] === sizes[1] ? (sizes[0] as number) : null;
}
