/**
 * What a checkpoint's headers and settings say of how its weights are stored: as they are, as FP8 codes with
 * scales, or in a way that is not computed here, which ends opening. No weight is read.
 */
import { StudioError } from '../errors.ts';
import type { Finding } from '../family/pairing.ts';
import { isFloatDtype } from '../safetensors/dtype.ts';
import type { ScaledTensor } from './dequantise.ts';
import { activationScales, generalRemedy, plainIntegers, schemeOf, schemes, type Scheme } from './schemes.ts';
import { blockOf, type QuantisationSettings } from './settings.ts';

interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface StoragePlan {
  /** By the name of the stored codes; empty where every weight is stored as it is. */
  readonly scaled: ReadonlyMap<string, ScaledTensor>;
  readonly findings: readonly Finding[];
}

/** Settings that say nothing against computing with FP8 codes and their scales. */
const fp8Methods: readonly string[] = ['fp8', 'compressed-tensors', 'float-quantized', 'naive-quantized'];
/** transformers' own, where `weight_block_size` is not stated. */
const usualBlock = [128, 128] as const;

/** Whether a tensor is no weight as such, so that settings beside config.json are worth reading. */
export const isSuspicious = (tensor: StoredTensor): boolean =>
  isFp8(tensor) || isCodes(tensor) || schemeOfTensor(tensor) !== null;

/** Throws `unsupported` with the name of the way of storing, and `bad-file` for scales that do not fit. */
export function planStorage(
  label: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  settings: readonly QuantisationSettings[],
): StoragePlan {
  refuseBySettings(label, settings);
  refuseByTensors(label, tensors, settings);
  const codes = [...tensors.values()].filter(isFp8);
  const idle = codes.length === 0;
  const stated = settings.find(({ method }) => method !== null);
  if (!idle && stated?.method && !fp8Methods.includes(stated.method)) {
    const name = schemeOf(stated.method)?.name ?? stated.method;
    refuse(label, name, codes[0], settings, schemeOf(stated.method));
  }
  const block = settings.map(blockOf).find((found) => found !== null) ?? null;
  const scaled = new Map(codes.map((weight) => [weight.name, scaleOf(label, weight, tensors, block)]));
  refuseLooseScales(label, tensors, scaled, settings);
  const activations = [...tensors.keys()].filter((name) => activationScales.test(name));
  return {
    scaled,
    findings: [
      ...(idle
        ? settings.flatMap((one) => unusedSettings(label, one))
        : [dequantised(label, scaled, tensors)]),
      ...activationsKept(label, activations),
    ],
  };
}

const isFp8 = ({ dtype }: StoredTensor): boolean => dtype.startsWith('F8_');

/** Integers where a weight would be: matrices, and whatever is called a weight or a bias. */
const isCodes = ({ name, dtype, shape }: StoredTensor): boolean =>
  !isFloatDtype(dtype) &&
  !dtype.startsWith('F8_') &&
  dtype !== 'BOOL' &&
  !plainIntegers.test(name) &&
  (/\.(?:weight|bias)$/.test(name) || shape.filter((size) => size > 1).length >= 2);

const schemeOfTensor = ({ name, dtype }: StoredTensor): Scheme | null =>
  schemes.find(
    ({ marks, integersOnly = false }) => marks.test(name) && !(integersOnly && isFloatDtype(dtype)),
  ) ?? null;

function refuseByTensors(
  label: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  settings: readonly QuantisationSettings[],
): void {
  let codes: StoredTensor | undefined;
  let marked: { readonly tensor: StoredTensor; readonly scheme: Scheme } | undefined;
  for (const tensor of tensors.values()) {
    const scheme = schemeOfTensor(tensor);
    if (scheme && (!marked || schemes.indexOf(scheme) < schemes.indexOf(marked.scheme)))
      marked = { tensor, scheme };
    codes ??= isCodes(tensor) ? tensor : undefined;
  }
  // Tensors say more than settings: what they hold is what would be computed with.
  if (marked) refuse(label, marked.scheme.name, marked.tensor, settings, marked.scheme);
  if (!codes) return;
  const scheme = settings.map(({ method }) => method && schemeOf(method)).find((found) => found) || null;
  const method = settings.find((one) => one.method !== null)?.method;
  refuse(
    label,
    scheme?.name ?? method ?? `integers (${codes.dtype}), in a way that its files do not name`,
    codes,
    settings,
    scheme,
  );
}

/** Weights that look plain and are not: what they are multiplied with is rotated or rounded first. */
function refuseBySettings(label: string, settings: readonly QuantisationSettings[]): void {
  for (const one of settings) {
    const transforms = Object.hasOwn(one.values, 'transform_config') ? one.values['transform_config'] : null;
    const rotated =
      typeof transforms === 'object' && transforms !== null && Object.keys(transforms).length > 0;
    if (rotated)
      refuse(label, 'rotations that are applied as it runs (transform_config)', undefined, [one], null);
    if (one.method === 'bitnet')
      refuse(label, 'BitNet, whose weights are rounded to three values as it runs', undefined, [one], null);
  }
}

function refuse(
  label: string,
  name: string,
  tensor: StoredTensor | undefined,
  settings: readonly QuantisationSettings[],
  scheme: Scheme | null,
): never {
  const signs = [
    ...(tensor ? [`its tensor ${tensor.name} is ${tensor.dtype} [${tensor.shape.join(', ')}]`] : []),
    ...settings
      .slice(0, 1)
      .map(({ place, method }) => `${place}${method === null ? '' : ` names ${method}`}`),
  ];
  throw new StudioError(
    'unsupported',
    `${label} is quantised with ${name} (${signs.join('; ')}). The numbers that such codes stand for are not computed here, and the codes themselves would give wrong results. ${scheme?.remedy ?? generalRemedy}`,
    { details: { file: label, value: name, ...(tensor && { tensor: tensor.name }) } },
  );
}

function scaleOf(
  label: string,
  { name, dtype, shape }: StoredTensor,
  tensors: ReadonlyMap<string, StoredTensor>,
  declared: readonly [number, number] | null,
): ScaledTensor {
  const inverse = tensors.get(`${name}_scale_inv`);
  const scale = inverse ?? tensors.get(`${name}_scale`);
  if (!scale) {
    throw new StudioError(
      'unsupported',
      `${label} stores ${name} in FP8 (${dtype}) and has no scale for it (${name}_scale_inv or ${name}_scale), so that the numbers it stands for are not known. ${generalRemedy} If the weights were cast to FP8 without scales, save them as BF16.`,
      { details: { file: label, tensor: name, value: dtype } },
    );
  }
  const blocks = isFloatDtype(scale.dtype)
    ? findBlocks(shape, scale.shape, declared, inverse !== undefined)
    : null;
  if (!blocks) {
    const found = `${scale.dtype} [${scale.shape.join(', ')}]`;
    throw new StudioError(
      'bad-file',
      `${label}: ${scale.name} is ${found}, which does not fit the weight ${name} [${shape.join(', ')}]${declared ? ` in blocks of ${declared.join(' × ')}` : ''}. Download the model again, or open the unquantised one.`,
      { details: { file: label, tensor: scale.name, value: found } },
    );
  }
  const roundTo = !inverse && (scale.dtype === 'BF16' || scale.dtype === 'F16') ? scale.dtype : 'F32';
  return { scale: scale.name, shape, blocks, roundTo };
}

/**
 * One for all, one a row, or a grid over rows and columns; experts in front have grids of their own. Null where
 * the scales fit none of these.
 *
 * @param inverse `weight_scale_inv`: blocks are those that are declared, or transformers' usual ones, the last
 *   of which may be cut off. compressed-tensors reads a grid as equal parts.
 */
function findBlocks(
  shape: readonly number[],
  scales: readonly number[],
  declared: readonly [number, number] | null,
  inverse: boolean,
): readonly number[] | null {
  if (scales.length === 0 || (scales.length === 1 && scales[0] === 1))
    return shape.map((size) => Math.max(1, size));
  const [rows, columns] = shape.slice(-2);
  if (shape.length < 2 || rows === undefined || columns === undefined) return null;
  if (scales.length === 1) return shape.length === 2 && scales[0] === rows ? [1, columns] : null;
  const leading = shape.slice(0, -2);
  if (scales.length !== shape.length || leading.some((size, d) => size !== scales[d])) return null;
  const [down = 0, across = 0] = scales.slice(-2);
  if (down < 1 || across < 1) return null;
  const fits = ([height, width]: readonly [number, number]): boolean =>
    Math.ceil(rows / height) === down && Math.ceil(columns / width) === across;
  const parts = [rows / down, columns / across] as const;
  const equal = parts.every(Number.isInteger) ? [parts] : [];
  const candidates = declared
    ? [declared, ...(inverse ? [] : equal)]
    : inverse
      ? [usualBlock, ...equal]
      : [...equal, usualBlock];
  const block = candidates.find(fits);
  return block ? [...leading.map(() => 1), ...block] : null;
}

/** A scale whose weight is no code: somebody multiplied already, or did not. */
function refuseLooseScales(
  label: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  scaled: ReadonlyMap<string, ScaledTensor>,
  settings: readonly QuantisationSettings[],
): void {
  const used = new Set([...scaled.values()].map(({ scale }) => scale));
  for (const tensor of tensors.values()) {
    const weight = /^(.+)_scale(?:s?_inv)?$/.exec(tensor.name)?.[1];
    if (weight === undefined || used.has(tensor.name) || !tensors.has(weight)) continue;
    if (/_scales?_inv$/.test(tensor.name) || weight.endsWith('.weight'))
      refuse(
        label,
        `scales beside weights that are no codes (${tensor.name})`,
        tensors.get(weight),
        settings,
        null,
      );
  }
}

function dequantised(
  label: string,
  scaled: ReadonlyMap<string, ScaledTensor>,
  tensors: ReadonlyMap<string, StoredTensor>,
): Finding {
  const scales = new Set([...scaled.values()].map(({ scale }) => scale));
  const all = [...tensors.values()].filter(({ name, shape }) => shape.length >= 2 && !scales.has(name));
  return {
    code: 'weights-dequantised',
    severity: 'info',
    tensors: [...scaled.keys()],
    message: `${label} stores ${scaled.size} of ${all.length} matrices in FP8 with scales.`,
    remedy:
      'Each is multiplied by its scales, as transformers does when it dequantises, and computed with in float32.',
  };
}

function unusedSettings(label: string, { place, method }: QuantisationSettings): Finding[] {
  return [
    {
      code: 'quantisation-not-applied',
      severity: 'warning',
      tensors: [],
      message: `${place} of ${label} asks for quantisation${method === null ? '' : ` (${method})`}, and its weights are stored unquantised.`,
      remedy:
        'The weights are computed with as they are stored. transformers would quantise them as it loads them, or look for scales that are not there and fill in others; it does so with an export too, which keeps the settings. Take the settings out of the folder where the weights are meant as they are.',
    },
  ];
}

function activationsKept(label: string, names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    {
      code: 'activation-scales-not-used',
      severity: 'info',
      tensors: names,
      message: `${label} holds ${names.length} scales with which a runtime rounds activations or its cache (${names[0]}).`,
      remedy:
        'They are not used: activations are computed in float32, so that answers may differ a little from such a runtime.',
    },
  ];
}
