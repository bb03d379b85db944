/** `vision_config` of Qwen2-VL and Qwen2.5-VL. */
import type { ConfigReader } from '../config-reader.ts';
import type { Reading } from '../descriptor.ts';
import type { TowerShape } from '../vision/tower-shape.ts';
import { readActivation } from '../vision/vision-config.ts';

/** A tile is what becomes one token: mergeSize² patches. Frames of a video come in pairs, an image is both. */
export interface Qwen2VlTower extends TowerShape {
  readonly mergeSize: number;
  readonly temporalPatchSize: number;
  /** Numbers that the connector gives for a tile. */
  readonly outSize: number;
  readonly norm: 'layer' | 'rms';
  /** For positions of rows and columns of patches. */
  readonly ropeTheta: number;
  /** Tiles a side of a window that a patch reads in all blocks but `fullBlocks`; null: every block is full. */
  readonly window: number | null;
  readonly fullBlocks: readonly number[];
}

/** @param isSecond Qwen2.5-VL */
export function readQwen2VlTower(config: ConfigReader, isSecond: boolean): Reading<Qwen2VlTower> {
  const activation = readActivation(config, 'hidden_act', isSecond ? 'silu' : 'quick_gelu');
  if (typeof activation !== 'string') return activation;
  const widthKey = isSecond ? 'hidden_size' : 'embed_dim';
  const hiddenSize = config.whole(widthKey, isSecond ? 3584 : 1280);
  const headsKey = nameIn(config, 'num_attention_heads', 'num_heads');
  const heads = config.whole(headsKey, 16, [1, 4096]);
  if (hiddenSize % (4 * heads) !== 0)
    config.refuse(widthKey, `a multiple of four times ${headsKey} (${4 * heads})`);
  const patchSize = config.whole('patch_size', 14, [1, 1024]);
  const mergeSize = config.whole('spatial_merge_size', 2, [1, 64]);
  const layers = config.whole(nameIn(config, 'num_hidden_layers', 'depth'), 32, [1, 1024]);
  const rope = config.nested('rope_parameters');
  const rotary = rope.text('rope_type', 'axial');
  if (rotary !== 'axial') return { reason: `its vision tower's positions (${rotary}) are not computed here` };
  const windowPixels = config.whole('window_size', 112, [1, 2 ** 20]);
  const window = Math.floor(Math.floor(windowPixels / mergeSize) / patchSize);
  if (isSecond && window < 1) config.refuse('window_size', `at least ${mergeSize * patchSize}`);
  return {
    hiddenSize,
    intermediateSize: isSecond
      ? config.whole('intermediate_size', 3420)
      : Math.trunc(hiddenSize * config.number('mlp_ratio', 4, [1e-3, 1024])),
    layers,
    heads,
    channels: config.whole('in_channels', 3, [1, 16]),
    imageSize: patchSize * mergeSize,
    patchSize,
    activation,
    gatedMlp: isSecond,
    reads: 'image',
    classToken: false,
    mergeSize,
    temporalPatchSize: config.whole('temporal_patch_size', 2, [1, 16]),
    outSize: config.whole(isSecond ? 'out_hidden_size' : 'hidden_size', 3584),
    norm: isSecond ? 'rms' : 'layer',
    ropeTheta: rope.number('rope_theta', 10_000, [1, 1e12]),
    window: isSecond ? window : null,
    fullBlocks: isSecond ? readBlocks(config, [7, 15, 23, 31]) : [],
  };
}

/**
 * The usual name of a setting where the file has it, else the tower's own. Where a file has both, the usual name
 * counts, whichever comes first (the `attribute_map` of Qwen2VLVisionConfig and Qwen2_5_VLVisionConfig,
 * transformers 5.23).
 */
const nameIn = (config: ConfigReader, usual: string, own: string): string =>
  config.has(usual) ? usual : own;

function readBlocks(config: ConfigReader, fallback: readonly number[]): readonly number[] {
  const key = 'fullatt_block_indexes';
  const value = config.raw(key) ?? fallback;
  const isBlock = (index: unknown): index is number =>
    typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < 1024;
  return Array.isArray(value) && value.length <= 1024 && value.every(isBlock)
    ? value
    : config.refuse(key, 'a list of block numbers');
}
