/**
 * LLaVA-OneVision: LLaVA with a SigLIP tower, its features of the last block, and images of any shape cut
 * into tiles.
 */
import type { ConfigReader } from '../config-reader.ts';
import type { AnyResolutionSpec, VisionLanguageSpec } from '../model-spec.ts';
import { findPrefix } from '../text-names.ts';
import { patchGrid, type Reading } from '../vision-config.ts';
import { readImageToken, readLlavaParts } from './llava.ts';

/**
 * LlavaOnevisionConfig's tower where config.json has no vision_config at all: so400m without its last block.
 */
const so400m = {
  hiddenSize: 1152,
  intermediateSize: 4304,
  patchSize: 14,
  imageSize: 384,
  layers: 26,
  heads: 16,
} as const;
const sides = [384, 768, 1152, 1536, 1920, 2304] as const;
export const defaultSizes: AnyResolutionSpec['sizes'] = sides.flatMap((height) =>
  sides.map((width) => [height, width] as const),
);

export function readLlavaOneVision(
  config: ConfigReader,
  architecture: string,
  names: ReadonlySet<string>,
): Reading<VisionLanguageSpec> {
  const parts = readLlavaParts(config, names, {
    text: 'qwen2',
    tower: 'siglip',
    layer: -1,
    strategy: 'full',
    towerDefaults: config.has('vision_config') ? {} : so400m,
  });
  if ('reason' in parts) return parts;
  if (parts.tokensPerTile !== patchGrid(parts.vision) ** 2)
    return { reason: 'its tiles do not give one feature a patch, so that they cannot be laid side by side' };
  const newline = findPrefix(['', 'model.'], 'image_newline', names);
  if ('missing' in newline) return { reason: `it has no tensor ${newline.missing}` };
  const aspect = config.text('vision_aspect_ratio', 'anyres_max_9');
  const maxTiles = /^anyres_max_(\d{1,3})$/.exec(aspect)?.[1];
  if (maxTiles === undefined || Number(maxTiles) < 1)
    return { reason: `its vision_aspect_ratio ${aspect} is not computed here` };
  const sizes = readSizes(config, 'image_grid_pinpoints');
  if (sizes.some((size) => size.some((side) => side % parts.vision.imageSize !== 0))) {
    config.refuse(
      'image_grid_pinpoints',
      `sizes that are multiples of the tower's ${parts.vision.imageSize} pixels`,
    );
  }
  return {
    kind: 'vlm',
    family: 'llava-onevision',
    architecture,
    ...parts,
    anyResolution: { sizes, maxTiles: Number(maxTiles) },
    imageTokenId: readImageToken(config, 151_646),
    names: { ...parts.names, newline: `${newline.prefix}image_newline` },
  };
}

/** A list of [height, width]. Also in the image processor's config. */
export function readSizes(config: ConfigReader, key: string): AnyResolutionSpec['sizes'] {
  const value = config.raw(key) ?? defaultSizes;
  const isSide = (side: unknown): side is number =>
    typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= 16_384;
  const isSize = (size: unknown): size is [number, number] =>
    Array.isArray(size) && size.length === 2 && size.every(isSide);
  return Array.isArray(value) && value.length > 0 && value.length <= 1024 && value.every(isSize)
    ? value
    : config.refuse(key, 'a list of [height, width] in pixels');
}
