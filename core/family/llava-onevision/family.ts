/**
 * LLaVA-OneVision: LLaVA with a SigLIP tower, its features of the last block, and images of any shape cut
 * into tiles.
 */
import { wholeKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { CommonVisionSpec, FamilyDescriptor, Reading } from '../descriptor.ts';
import { llavaTowerKeys, readImageToken, readLlavaParts, type LlavaParts } from '../llava/parts.ts';
import { findPrefix } from '../text/text-names.ts';
import { patchGrid } from '../vision/tower-shape.ts';
import { readSizes, type AnyResolutionSpec } from './any-resolution.ts';

export interface LlavaOneVisionSpec extends CommonVisionSpec<'llava-onevision'>, LlavaParts {
  readonly vision: LlavaParts['vision'];
  readonly anyResolution: AnyResolutionSpec;
  readonly names: LlavaParts['names'] & {
    /** The learned end of a row of tiles. */
    readonly newline: string;
  };
}

export const llavaOneVision: FamilyDescriptor<LlavaOneVisionSpec> = {
  architectures: { LlavaOnevisionForConditionalGeneration: 'llava_onevision' },
  textModule: 'model.language_model',
  keys: { whole: wholeKeys['llava-onevision'], tower: (_, type) => llavaTowerKeys(type, 'siglip') },
  read,
  about: {
    name: 'LLaVA-OneVision',
    tower: 'SigLIP',
    connector:
      "as LLaVA's; then tiles are laid side by side, padding is removed, too many are scaled down, a newline ends each row",
    image: 'the whole image, and a grid of tiles of the best of the given sizes',
  },
};

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

function read(
  config: ConfigReader,
  architecture: string,
  names: ReadonlySet<string>,
): Reading<LlavaOneVisionSpec> {
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
  if ('reason' in newline) return newline;
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
