/**
 * LLaVA-OneVision's image processor for one image: the whole of it in one tile, then fitted with its aspect
 * into the best of the given sizes, laid on black in its middle, and cut into tiles.
 */
import {
  anyResolutionTokens,
  bestSize,
  featureWindow,
  readSizes,
  type AnyResolutionSpec,
} from '../../../../core/family/llava-onevision/any-resolution.ts';
import type { ConfigReader } from '../../../../core/family/config-reader.ts';
import { StudioError } from '../../../../core/errors.ts';
import type { ImagePreprocessor } from '../../contract.ts';
import { cutTiles, window } from '../../images/crop.ts';
import { resize } from '../../images/resample.ts';
import { toRgb, type Rgb8 } from '../../images/rgb.ts';
import {
  clipColours,
  mostTiles,
  normaliseTiles,
  readCommon,
  readSquare,
  refuse,
} from '../../images/settings.ts';

/** @param side features a side of one tile */
export function createAnyResolution(
  config: ConfigReader,
  { sizes, maxTiles }: AnyResolutionSpec,
  side: number,
): ImagePreprocessor {
  const common = readCommon(config, { resample: 3, needs: ['image_grid_pinpoints'], ...clipColours });
  const tile = readSquare(config, 'size', 384) ?? config.nested('size').whole('shortest_edge', 0, [1, 4096]);
  if (readSquare(config, 'crop_size', tile) !== tile)
    refuse(config, 'crop_size', `tiles as large as size (${tile})`);
  const own = readSizes(config, 'image_grid_pinpoints');
  if (JSON.stringify(own) !== JSON.stringify(sizes)) {
    throw new StudioError(
      'mismatch',
      `${config.file} and config.json list different image_grid_pinpoints, so that pixels and features would be cut differently.`,
      { details: { file: config.file, key: 'image_grid_pinpoints' } },
    );
  }
  if (own.some(([height, width]) => (height * width) / tile ** 2 >= mostTiles))
    refuse(config, 'image_grid_pinpoints', `fewer than ${mostTiles} tiles an image`);
  return {
    channels: 3,
    height: tile,
    width: tile,
    whole: null,
    preprocess(given) {
      const image = toRgb(given);
      const target = bestSize(image, own);
      if (!target)
        throw new StudioError(
          'unsupported',
          `An image of ${image.width} × ${image.height} pixels fits none of the sizes in image_grid_pinpoints of ${config.file}.`,
          { details: { file: config.file } },
        );
      const fitted = fit(image, target);
      const inside = resize(image, fitted.width, fitted.height, common.filter);
      const padded = window(
        inside,
        -Math.floor((target.width - inside.width) / 2),
        -Math.floor((target.height - inside.height) / 2),
        target.width,
        target.height,
      );
      const tiles = [resize(image, tile, tile, common.filter), ...cutTiles(padded, tile)];
      const grid = { rows: target.height / tile, columns: target.width / tile };
      const tokens = anyResolutionTokens(featureWindow(image, grid, side, maxTiles), side);
      return normaliseTiles(tiles, common, {
        width: image.width,
        height: image.height,
        ...grid,
        tiles: tiles.length,
        tokens,
      });
    },
  };
}

/** `get_patch_output_size` */
function fit(
  { width, height }: Rgb8,
  target: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  const [byWidth, byHeight] = [target.width / width, target.height / height];
  if (byWidth < byHeight)
    return { width: target.width, height: Math.min(Math.ceil(height * byWidth), target.height) };
  return { width: Math.min(Math.ceil(width * byHeight), target.width), height: target.height };
}
