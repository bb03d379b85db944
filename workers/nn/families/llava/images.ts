/**
 * The image processors that make one square of an image: CLIP's and LLaVA's (shorter edge to `size`, then the
 * middle; LLaVA's first pads to a square where `do_pad` is set) and SigLIP's (to `size` whatever the aspect).
 */
import type { ConfigReader } from '../../../../core/family/config-reader.ts';
import type { ImagePreprocessor } from '../../contract.ts';
import { centerCrop, padToSquare } from '../../images/crop.ts';
import { resize } from '../../images/resample.ts';
import { toRgb, type Rgb8 } from '../../images/rgb.ts';
import {
  clipColours,
  isOn,
  largestEdge,
  normaliseTiles,
  plainColours,
  readCommon,
  readSquare,
  refuse,
} from '../../images/settings.ts';

const kinds = ['CLIP', 'Llava', 'Siglip'] as const;
type Kind = (typeof kinds)[number];

export const isSingleKind = (name: string): name is Kind => (kinds as readonly string[]).includes(name);

export function createSingle(config: ConfigReader, kind: Kind, tokens: number): ImagePreprocessor {
  const common = readCommon(config, {
    resample: 3,
    crops: kind !== 'Siglip',
    ...(kind === 'Siglip' ? plainColours : clipColours),
  });
  const resized = readResize(config, kind);
  const crop = isOn(config, 'do_center_crop', kind !== 'Siglip')
    ? (readSquare(config, 'crop_size', 224) ?? refuse(config, 'crop_size', 'height and width'))
    : null;
  // A processor of another kind takes no notice of do_pad, or pads what is one image to its own size.
  const pads = kind === 'Llava' && isOn(config, 'do_pad', false);
  const side = crop ?? (common.doResize ? sideOf(resized, pads) : null);
  if (side === null)
    return refuse(
      config,
      config.has('size') ? 'size' : 'do_center_crop',
      'processors that make squares of one size (by size.height and size.width, or by a center crop)',
    );
  const background = pads ? common.mean.map((mean) => Math.trunc(mean * 255)) : null;
  return {
    channels: 3,
    height: side,
    width: side,
    whole: null,
    preprocess(given) {
      const image = toRgb(given);
      const padded = background ? padToSquare(image, background) : image;
      const { width, height } = common.doResize ? sizeOf(padded, resized) : padded;
      const fitted = resize(padded, width, height, common.filter);
      const layout = { width: given.width, height: given.height, rows: 0, columns: 0, tiles: 1, tokens };
      return normaliseTiles([crop === null ? fitted : centerCrop(fitted, crop, crop)], common, layout);
    },
  };
}

type Resize = { readonly shortest: number } | { readonly square: number };

/** Null where images of other shapes get other sizes; one that is padded is a square. */
function sideOf(resized: Resize, pads: boolean): number | null {
  if ('square' in resized) return resized.square;
  return pads ? resized.shortest : null;
}

function readResize(config: ConfigReader, kind: Kind): Resize {
  const value = config.raw('size');
  if (value === undefined) return kind === 'Siglip' ? { square: 224 } : { shortest: 224 };
  // These classes read a plain number as the shortest edge, unless default_to_square says otherwise.
  if (typeof value === 'number' && !config.flag('default_to_square', false))
    return { shortest: config.whole('size', 224, [1, largestEdge]) };
  const square = readSquare(config, 'size', null);
  if (square !== null) return { square };
  const size = config.nested('size');
  if (!size.has('shortest_edge') || size.has('longest_edge'))
    return refuse(config, 'size', 'height and width, or shortest_edge alone,');
  return { shortest: size.whole('shortest_edge', 224, [1, largestEdge]) };
}

/** `get_resize_output_image_size`: the longer edge rounded down. */
function sizeOf(
  { width, height }: Rgb8,
  resized: Resize,
): { readonly width: number; readonly height: number } {
  if ('square' in resized) return { width: resized.square, height: resized.square };
  const { shortest } = resized;
  const longest = Math.trunc((shortest * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: shortest, height: longest } : { width: longest, height: shortest };
}
