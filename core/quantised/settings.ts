/** What a model's files say of quantisation: `quantization_config` of config.json and files beside it. */
import { isRecord, own, type JsonRecord } from '../records.ts';

export interface QuantisationSettings {
  /** For messages: `config.json: text_config.quantization_config`. */
  readonly place: string;
  /** `quant_method`, or what stands in its place; null where none is named. */
  readonly method: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Files beside config.json in which older and other tools say how they quantised. */
export const settingsFiles = ['hf_quant_config.json', 'quantize_config.json', 'quant_config.json'] as const;

const keys = ['quantization_config', 'compression_config', 'quantization'] as const;
const asObject = (value: unknown): JsonRecord | null => (isRecord(value) ? value : null);

/** In the configuration itself and in those of its parts (`text_config`, `vision_config`, …). */
export function findSettings(config: unknown): readonly QuantisationSettings[] {
  const root = asObject(config);
  if (!root) return [];
  const parts = Object.entries(root).filter(([key]) => key.endsWith('_config') && !isKey(key));
  return [
    ...settingsIn(root, ''),
    ...parts.flatMap(([key, value]) => settingsIn(asObject(value) ?? {}, `${key}.`)),
  ];
}

/** `values`: a parsed file of `settingsFiles`. */
export function fileSettings(file: string, values: unknown): readonly QuantisationSettings[] {
  const object = asObject(values);
  if (!object) return [];
  const inner = asObject(own(object, 'quantization')) ?? object;
  return [{ place: file, method: methodOf(inner) ?? methodOf(object), values: inner }];
}

const isKey = (key: string): boolean => (keys as readonly string[]).includes(key);

function settingsIn(holder: JsonRecord, prefix: string): QuantisationSettings[] {
  return keys.flatMap((key) => {
    const values = asObject(own(holder, key));
    if (!values || Object.keys(values).length === 0) return [];
    const method = methodOf(values) ?? (key === 'quantization' ? 'mlx' : null);
    return [{ place: `config.json: ${prefix}${key}`, method, values }];
  });
}

function methodOf(values: JsonRecord): string | null {
  for (const key of ['quant_method', 'quant_algo', 'format']) {
    const value = own(values, key);
    if (typeof value !== 'string') continue;
    const bits = ['load_in_4bit', '_load_in_4bit'].some((flag) => own(values, flag) === true) ? '_4bit' : '';
    return value.slice(0, 80) + (value === 'bitsandbytes' ? bits : '');
  }
  return null;
}

/** Rows and columns that share one scale, where the settings say so. */
export function blockOf({ values }: QuantisationSettings): readonly [number, number] | null {
  const isBlock = (value: unknown): value is [number, number] =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((side) => Number.isInteger(side) && (side as number) >= 1 && (side as number) <= 2 ** 24);
  const direct = own(values, 'weight_block_size');
  if (isBlock(direct)) return direct;
  for (const group of Object.values(asObject(own(values, 'config_groups')) ?? {})) {
    const structure = own(asObject(own(asObject(group) ?? {}, 'weights')) ?? {}, 'block_structure');
    if (isBlock(structure)) return structure;
  }
  return null;
}
