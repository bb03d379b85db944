/**
 * Idefics3's and SmolVLM's image processor: the longest edge to `size`; then, with splitting, up to whole
 * multiples of a tile, cut, and the whole image once more in one tile (alone where it fits in one); without
 * splitting, to one tile whatever the aspect.
 */
import type { ConfigReader } from '../../../../core/family/config-reader.ts';
import type { ImagePreprocessor, Preprocess } from '../../contract.ts';
import { cutTiles } from '../../images/crop.ts';
import { resize } from '../../images/resample.ts';
import { toRgb, type Rgb8 } from '../../images/rgb.ts';
import {
  isOn,
  largestEdge,
  mostTiles,
  normaliseTiles,
  plainColours,
  readCommon,
  refuse,
} from '../../images/settings.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function createIdefics3(config: ConfigReader, tokensPerTile: number): ImagePreprocessor {
  const common = readCommon(config, { resample: 1, needs: ['max_image_size'], ...plainColours });
  const target = readTarget(config);
  const tile = config
    .nested('max_image_size')
    .whole('longest_edge', config.has('max_image_size') ? 0 : 364, [1, largestEdge]);
  const splits = isOn(config, 'do_image_splitting', true);
  if (splits && Math.ceil(largestSide(target) / tile) ** 2 >= mostTiles)
    refuse(config, 'size', `at most ${mostTiles} tiles of max_image_size (${tile})`);
  const prepare =
    (cuts: boolean): Preprocess =>
    (given) => {
      const first = toRgb(given);
      const size = common.doResize ? targetSize(first, target) : first;
      const image = resize(first, size.width, size.height, common.filter);
      const whole = (source: Rgb8) => resize(source, tile, tile, common.filter);
      const layout = (rows: number, columns: number) => {
        const tiles = rows * columns + 1;
        return {
          width: given.width,
          height: given.height,
          rows,
          columns,
          tiles,
          tokens: tiles * tokensPerTile,
        };
      };
      if (!cuts) return normaliseTiles([whole(image)], common, layout(0, 0));
      const fitted = multiplesOf(tile, image);
      const spread = resize(image, fitted.width, fitted.height, common.filter);
      if (spread.width === tile && spread.height === tile)
        return normaliseTiles([spread], common, layout(0, 0));
      return normaliseTiles(
        [...cutTiles(spread, tile), whole(spread)],
        common,
        layout(spread.height / tile, spread.width / tile),
      );
    };
  return {
    channels: 3,
    height: tile,
    width: tile,
    preprocess: prepare(splits),
    whole: splits ? prepare(false) : null,
  };
}

export type Target = { readonly longest: number } | Size;

function readTarget(config: ConfigReader): Target {
  const size = config.nested('size');
  if (size.has('longest_edge') || !config.has('size'))
    return { longest: size.whole('longest_edge', 4 * 364, [1, largestEdge]) };
  return {
    height: size.whole('height', 0, [1, largestEdge]),
    width: size.whole('width', 0, [1, largestEdge]),
  };
}

const largestSide = (target: Target): number =>
  'longest' in target ? target.longest : Math.max(target.width, target.height);

/** `_resize_output_size_rescale_to_max_len`: the shorter edge rounded down, then up to an even number. */
export function targetSize({ width, height }: Size, target: Target): Size {
  if (!('longest' in target)) return target;
  const { longest } = target;
  const ratio = width / height;
  const even = (size: number) => Math.max(1, size + (size % 2));
  if (width >= height) return { width: longest, height: even(Math.trunc(longest / ratio)) };
  return { width: even(Math.trunc(longest * ratio)), height: longest };
}

/** `resize_for_vision_encoder`: the longer edge first, the other from it by the aspect. */
export function multiplesOf(tile: number, { width, height }: Size): Size {
  const up = (size: number) => Math.ceil(size / tile) * tile;
  const ratio = width / height;
  if (width >= height) return { width: up(width), height: up(Math.trunc(up(width) / ratio)) };
  return { width: up(Math.trunc(up(height) * ratio)), height: up(height) };
}
