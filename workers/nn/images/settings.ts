/**
 * What the image processors' configs have in common, checked, and the last step of all of them: (pixel ·
 * factor − mean) / std.
 */
import { StudioError } from '../../../core/errors.ts';
import type { ConfigReader } from '../../../core/family/config-reader.ts';
import type { PreparedImage, ImageLayout } from '../contract.ts';
import type { Filter } from './resample.ts';
import type { Rgb8 } from './rgb.ts';

export interface Defaults {
  /** Pillow's number: 1 Lanczos, 2 bilinear, 3 bicubic. */
  readonly resample: number;
  /** The class has a crop_size of its own, so that a file may ask for the middle without saying how much of it. */
  readonly crops?: boolean;
  /** Keys beside those of all classes that transformers cannot do without. */
  readonly needs?: readonly string[];
  /** For this class a size of null is as none. */
  readonly freeSize?: boolean;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const clipColours = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;
export const plainColours = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** No photograph is larger; a larger figure would be a mistake that fills the memory. */
export const largestEdge = 4096;
/** The most tiles of one image. 128 tiles of 448 × 448 pixels are 300 MB as floats. */
export const mostTiles = 128;

export interface Common {
  readonly filter: Filter;
  readonly doResize: boolean;
  readonly mean: readonly number[];
  /** Normalised value of each of the 256 levels, a table a channel. */
  readonly levels: readonly Float32Array[];
}

/** Pixels lie in [0, 1]: what is divided by less is a slip, and no tower was trained on it. */
const smallestStd = 1e-4;

const filters: Readonly<Record<number, Filter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };

/** A switch: what a file says of it, off where it says null, the class's own where it says nothing. */
export const isOn = (config: ConfigReader, key: string, fallback: boolean): boolean =>
  isNull(config, key) ? false : config.flag(key, fallback);

const isNull = (config: ConfigReader, key: string): boolean => config.declares(key) && !config.has(key);

/** What each switch needs (`validate_preprocess_arguments`, transformers 5.23). */
const neededBy = {
  do_resize: ['size', 'resample'],
  do_rescale: ['rescale_factor'],
  do_normalize: ['image_mean', 'image_std'],
  do_center_crop: ['crop_size'],
} as const;

/** Null is no absence: it takes the place of the class's own value, and transformers fails. */
function refuseNull(config: ConfigReader, { crops = false, needs = [], freeSize = false }: Defaults): void {
  const said = (key: string, why: string): never => {
    throw new StudioError(
      'unsupported',
      `${config.file}: ${key} is ${config.declares(key) ? 'null' : 'missing'}, but ${why}, and transformers prepares no image so. Write the value that the model was trained with, as its publisher has it${config.declares(key) ? `, or leave ${key} out for the usual one` : ''}.`,
      { details: { file: config.file, key, value: config.declares(key) ? 'null' : 'missing' } },
    );
  };
  for (const [flag, keys] of Object.entries(neededBy)) {
    const isCrop = flag === 'do_center_crop';
    if (!isOn(config, flag, isCrop ? crops : true)) continue;
    for (const key of keys)
      if (key === 'size' && freeSize) continue;
      else if (isNull(config, key) || (isCrop && !crops && !config.has(key))) said(key, `${flag} needs it`);
  }
  const crop = config.raw('crop_size');
  if (isOn(config, 'do_center_crop', crops) && typeof crop === 'object') {
    const size = config.nested('crop_size');
    if (!size.has('shortest_edge') && !(size.has('height') && size.has('width')))
      config.refuse('crop_size', 'a number, or height and width');
  }
  for (const key of needs) if (isNull(config, key)) said(key, 'it is needed');
}

export function readCommon(config: ConfigReader, defaults: Defaults): Common {
  refuseNull(config, defaults);
  const filter = filters[config.whole('resample', defaults.resample, [0, 5])];
  if (!filter) refuse(config, 'resample', 'Lanczos (1), bilinear (2) and bicubic (3)');
  const mean = readTriple(config, 'image_mean', defaults.mean);
  const std = readTriple(config, 'image_std', defaults.std);
  const factor = isOn(config, 'do_rescale', true) ? config.number('rescale_factor', 1 / 255, [1e-9, 1e9]) : 1;
  const normalised = isOn(config, 'do_normalize', true);
  if (normalised && std.some((value) => value < smallestStd))
    config.refuse('image_std', `numbers above 0, of at least ${smallestStd}`);
  const level = (value: number, channel: number): number => {
    // float32 after each step, as numpy has it there.
    const scaled = Math.fround(value * factor);
    return normalised
      ? Math.fround(scaled - Math.fround(mean[channel] as number)) / Math.fround(std[channel] as number)
      : scaled;
  };
  const levels = [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, value) => level(value, channel)),
  );
  if (normalised && !Number.isFinite(Math.fround(Math.max(...std))))
    config.refuse('image_std', 'numbers that float32 can hold');
  if (!levels.every((table) => table.every(Number.isFinite)))
    config.refuse('image_mean', 'numbers with which pixels stay numbers that float32 can hold');
  return { filter, doResize: isOn(config, 'do_resize', true), mean, levels };
}

/** A setting that is well-formed but not one this studio prepares images with. */
export function refuse(config: ConfigReader, key: string, wanted: string): never {
  const value = JSON.stringify(config.raw(key) ?? null).slice(0, 80);
  throw new StudioError(
    'unsupported',
    `${config.file}: ${key} is ${value}; this studio prepares images with ${wanted} only.`,
    { details: { file: config.file, key, value } },
  );
}

/** Tiles of one size → [tiles, 3, H, W]. */
export function normaliseTiles(
  tiles: readonly Rgb8[],
  { levels }: Common,
  layout: ImageLayout,
): PreparedImage {
  const plane = (tiles[0]?.width ?? 0) * (tiles[0]?.height ?? 0);
  const pixels = new Float32Array(tiles.length * 3 * plane);
  let to = 0;
  for (const { data } of tiles) {
    for (const [channel, level] of levels.entries()) {
      for (let from = channel; from < data.length; from += 3)
        pixels[to++] = level[data[from] as number] as number;
    }
  }
  return { pixels, layout };
}

/** `{ height, width }` of a square, a plain number being one too; null where the key says something else. */
export function readSquare(config: ConfigReader, key: string, fallback: number | null): number | null {
  const value = config.raw(key);
  if (value === undefined) return fallback;
  if (typeof value === 'number') return config.whole(key, 1, [1, largestEdge]);
  const size = config.nested(key);
  if (!size.has('height') && !size.has('width')) return null;
  const [height, width] = [
    size.whole('height', 0, [1, largestEdge]),
    size.whole('width', 0, [1, largestEdge]),
  ];
  return height === width ? height : refuse(config, key, 'square sizes');
}

function readTriple(config: ConfigReader, key: string, fallback: readonly number[]): readonly number[] {
  const value = config.raw(key) ?? fallback;
  const list: unknown[] =
    typeof value === 'number' ? [value, value, value] : Array.isArray(value) ? value : [];
  const isPlain = (entry: unknown): entry is number => typeof entry === 'number' && Number.isFinite(entry);
  return list.length === 3 && list.every(isPlain) ? list : config.refuse(key, 'three numbers');
}
