/**
 * Idefics3's image processor without splitting: the longest edge to `size`, then to a square of `max_image_size` whatever the aspect
 * (both with Lanczos, 8 bits), then (pixel · rescale_factor − mean) / std. Alpha is dropped, as Pillow's `convert("RGB")` does.
 */
import { StudioError } from '../../src/core/errors.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { ImagePreprocessor } from './contract.ts';
import { resizeLanczos, type Rgb8 } from './lanczos.ts';

interface Settings {
  /** Null: the first resize is left out. */
  readonly longestEdge: number | null;
  readonly tile: number;
  readonly rescale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** No photograph is larger; a larger figure would be a mistake that fills the memory. */
const largestEdge = 4096;
const pillowLanczos = 1;

export async function loadPreprocessor(checkpoint: Checkpoint, signal?: AbortSignal): Promise<ImagePreprocessor> {
  for (const file of ['preprocessor_config.json', 'processor_config.json']) {
    const text = await checkpoint.readText(file, signal);
    if (text === null) continue;
    const config = parse(text, file, checkpoint.label);
    return createPreprocessor(isRecord(config['image_processor']) ? config['image_processor'] : config, `${checkpoint.label}/${file}`);
  }
  throw new StudioError('missing', `${checkpoint.label} has neither preprocessor_config.json nor processor_config.json, so its images cannot be prepared.`);
}

/** `file` is for messages. */
export function createPreprocessor(config: Readonly<Record<string, unknown>>, file: string): ImagePreprocessor {
  const settings = readSettings(config, file);
  return {
    channels: 3,
    height: settings.tile,
    width: settings.tile,
    preprocess: (image) => normalise(resize(toRgb(image), settings), settings),
  };
}

function resize(image: Rgb8, { longestEdge, tile }: Settings): Rgb8 {
  if (longestEdge === null) return resizeLanczos(image, tile, tile);
  const { width, height } = scaledToLongest(image, longestEdge);
  return resizeLanczos(resizeLanczos(image, width, height), tile, tile);
}

/** `_resize_output_size_rescale_to_max_len`: the shorter edge rounded down, then up to an even number. */
function scaledToLongest({ width, height }: Rgb8, longest: number): { width: number; height: number } {
  const ratio = width / height;
  const even = (size: number) => Math.max(1, size + (size % 2));
  if (width >= height) return { width: longest, height: even(Math.trunc(longest / ratio)) };
  return { width: even(Math.trunc(longest * ratio)), height: longest };
}

function toRgb({ width, height, data }: Parameters<ImagePreprocessor['preprocess']>[0]): Rgb8 {
  if (width < 1 || height < 1 || data.length !== width * height * 4) {
    throw new StudioError('bad-request', `An image of ${width} × ${height} needs ${width * height * 4} bytes of RGBA, but has ${data.length}.`);
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgb[pixel * 3 + channel] = data[pixel * 4 + channel] ?? 0;
  }
  return { width, height, data: rgb };
}

/** [C, H, W] */
function normalise({ width, height, data }: Rgb8, { rescale, mean, std }: Settings): Float32Array {
  const plane = width * height;
  return Float32Array.from({ length: 3 * plane }, (_, at) => {
    const channel = Math.floor(at / plane);
    const value = (data[(at % plane) * 3 + channel] ?? 0) * rescale;
    return (value - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
}

function readSettings(config: Readonly<Record<string, unknown>>, file: string): Settings {
  const refuse = (key: string, value: unknown, wanted: string): never => {
    throw new StudioError('unsupported', `${file}: ${key} is ${JSON.stringify(value)}; this studio prepares images with ${wanted} only.`, { details: { file, value: JSON.stringify(value) } });
  };
  const type = config['image_processor_type'] ?? 'Idefics3ImageProcessor';
  if (typeof type !== 'string' || !/^(Idefics3|SmolVLM)ImageProcessor(Fast|Pil)?$/.test(type)) refuse('image_processor_type', type, 'Idefics3ImageProcessor');
  const resample = config['resample'] ?? pillowLanczos;
  if (resample !== pillowLanczos) refuse('resample', resample, 'Lanczos (1)');
  const edge = (key: string, fallback: number): number => {
    const value = isRecord(config[key]) ? config[key]['longest_edge'] : (config[key] ?? fallback);
    return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= largestEdge ? value : refuse(`${key}.longest_edge`, value, `whole numbers up to ${largestEdge}`);
  };
  const triple = (key: string): readonly number[] => {
    const value = config[key] ?? [0.5, 0.5, 0.5];
    return Array.isArray(value) && value.length === 3 && value.every((entry) => typeof entry === 'number' && Number.isFinite(entry)) ? (value as number[]) : refuse(key, value, 'three numbers');
  };
  const rescale = config['rescale_factor'] ?? 1 / 255;
  const std = triple('image_std');
  if (std.some((value) => value <= 0)) refuse('image_std', std, 'numbers above 0');
  return {
    longestEdge: config['do_resize'] === false ? null : edge('size', 4 * 364),
    tile: edge('max_image_size', 364),
    rescale: config['do_rescale'] === false ? 1 : typeof rescale === 'number' && Number.isFinite(rescale) ? rescale : refuse('rescale_factor', rescale, 'a number'),
    mean: config['do_normalize'] === false ? [0, 0, 0] : triple('image_mean'),
    std: config['do_normalize'] === false ? [1, 1, 1] : std,
  };
}

function parse(text: string, file: string, label: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below, with the name of the file.
  }
  throw new StudioError('bad-file', `${file} of ${label} is not a JSON object.`, { details: { file } });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
