/**
 * Qwen2-VL's image processor: the image at about its own size, both sides multiples of a tile, between the
 * least and the most pixels in all (`smart_resize`). A tile is what becomes one token.
 */
import { StudioError } from '../../../../core/errors.ts';
import type { ConfigReader } from '../../../../core/family/config-reader.ts';
import type { Qwen2VlTower } from '../../../../core/family/qwen2-vl/tower.ts';
import type { ImagePreprocessor } from '../../contract.ts';
import { cutTiles } from '../../images/crop.ts';
import { resize } from '../../images/resample.ts';
import { toRgb } from '../../images/rgb.ts';
import { clipColours, normaliseTiles, readCommon, refuse } from '../../images/settings.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of an image, in all; published checkpoints allow 28² · 16384. */
const mostPixels = 2 ** 24;

export function createDynamicSize(
  config: ConfigReader,
  { patchSize, mergeSize, temporalPatchSize, imageSize: tile }: Qwen2VlTower,
): ImagePreprocessor {
  const common = readCommon(config, {
    resample: 3,
    needs: ['patch_size', 'merge_size', 'temporal_patch_size'],
    freeSize: true,
    ...clipColours,
  });
  if (!common.doResize) refuse(config, 'do_resize', 'do_resize');
  const wanted = { patch_size: patchSize, merge_size: mergeSize, temporal_patch_size: temporalPatchSize };
  const usual = { patch_size: 14, merge_size: 2, temporal_patch_size: 2 };
  for (const key of Object.keys(wanted) as (keyof typeof wanted)[])
    if (config.whole(key, usual[key], [1, 1024]) !== wanted[key])
      refuse(config, key, `the vision tower's ${wanted[key]}`);
  const size = config.nested('size');
  const range = [1, mostPixels] as const;
  for (const [old, edge] of [
    ['min_pixels', 'shortest_edge'],
    ['max_pixels', 'longest_edge'],
  ] as const)
    // prettier-ignore
    if (config.has('size') && !size.has(edge) && !config.has(old))
      refuse(config, 'size', 'the least and the most pixels, as shortest_edge and longest_edge,');
  // Older files say min_pixels and max_pixels, which count before size where both are there.
  const fewest = config.whole('min_pixels', size.whole('shortest_edge', 56 * 56, range), range);
  const most = config.whole('max_pixels', size.whole('longest_edge', 28 * 28 * 1280, range), range);
  return {
    channels: 3,
    height: tile,
    width: tile,
    whole: null,
    preprocess(given) {
      const image = toRgb(given);
      const { width, height } = dynamicSize(image, tile, fewest, most);
      const tiles = cutTiles(resize(image, width, height, common.filter), tile);
      return normaliseTiles(tiles, common, {
        width: image.width,
        height: image.height,
        rows: height / tile,
        columns: width / tile,
        tiles: tiles.length,
        tokens: tiles.length,
      });
    },
  };
}

/** `smart_resize` of transformers 5.23. */
export function dynamicSize({ width, height }: Size, tile: number, fewest: number, most: number): Size {
  if (Math.max(width, height) / Math.min(width, height) > 200)
    throw new StudioError(
      'unsupported',
      `An image of ${width} × ${height} pixels is more than 200 times as long as it is wide, which this model does not take. Crop it.`,
    );
  const rounded = { width: tile * roundToEven(width / tile), height: tile * roundToEven(height / tile) };
  const pixels = rounded.width * rounded.height;
  if (pixels > most) {
    const shrink = Math.sqrt((height * width) / most);
    const fit = (side: number) => Math.max(tile, Math.floor(side / shrink / tile) * tile);
    return { width: fit(width), height: fit(height) };
  }
  if (pixels < fewest) {
    const grow = Math.sqrt(fewest / (height * width));
    const fit = (side: number) => Math.ceil((side * grow) / tile) * tile;
    return { width: fit(width), height: fit(height) };
  }
  return rounded;
}

/** Python's `round`: halves go to the even number. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
