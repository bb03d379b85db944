/**
 * Weights as numbers, whatever way they are stored in: FP8 codes appear as float32 tensors that have been
 * multiplied by their scales, and the scales are gone. Ways of storing that are not computed end opening. Every
 * reader of a checkpoint gets this view, so no code is ever taken for a weight.
 */
import { JsonField } from '../../../core/json-field.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { dequantise, type ScaledTensor } from '../../../core/quantised/dequantise.ts';
import { isSuspicious, planStorage } from '../../../core/quantised/plan.ts';
import { activationScales } from '../../../core/quantised/schemes.ts';
import { fileSettings, findSettings, settingsFiles } from '../../../core/quantised/settings.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import type { Dtype } from '../../../core/safetensors/dtype.ts';
import type { Checkpoint, TensorEntry } from '../contract.ts';
import { checkRange } from '../range.ts';

const floatBytes = 4;

type Reader = Pick<Checkpoint, 'label' | 'tensors' | 'readRaw' | 'readRange' | 'readFloat32'>;

/**
 * @param readSettings a file of the folder as text, or null
 * @param listed the names of the folder's files; where they are not known, files beside config.json are asked for
 *   only where tensors are no plain weights, because asking takes a request each
 */
export async function asNumbers<Weights extends Reader>(
  weights: Weights,
  config: unknown,
  readSettings: (file: string) => Promise<string | null>,
  listed?: readonly string[],
): Promise<Weights & Pick<Checkpoint, 'dequantised'> & { readonly findings: readonly Finding[] }> {
  const settings = [...findSettings(config)];
  const suspicious = [...weights.tensors.values()].some(isSuspicious);
  for (const file of settingsFiles) {
    if (!(listed?.includes(file) ?? suspicious)) continue;
    const text = await readSettings(file);
    if (text !== null)
      settings.push(...fileSettings(file, JsonField.parse(text, `${weights.label}/${file}`).raw));
  }
  const { scaled, findings } = planStorage(weights.label, weights.tensors, settings);
  return scaled.size === 0
    ? { ...weights, findings }
    : { ...dequantisedView(weights, scaled), findings, dequantised: scaled.size };
}

function dequantisedView<Weights extends Reader>(
  weights: Weights,
  scaled: ReadonlyMap<string, ScaledTensor>,
): Weights {
  const scales = new Set([...scaled.values()].map(({ scale }) => scale));
  const tensors = new Map<string, TensorEntry>();
  for (const entry of weights.tensors.values()) {
    if (scales.has(entry.name) || activationScales.test(entry.name)) continue;
    tensors.set(
      entry.name,
      scaled.has(entry.name) ? { ...entry, dtype: 'F32', sizeBytes: floatBytes * countOf(entry) } : entry,
    );
  }
  /** Scales of the weight that was read last: one that is streamed is read in many pieces. */
  let last: { readonly name: string; readonly values: Promise<Float32Array> } | null = null;
  const scalesOf = async (name: string, signal?: AbortSignal): Promise<Float32Array> => {
    if (last?.name !== name) last = { name, values: weights.readFloat32(name, signal) };
    const current = last;
    try {
      return await current.values;
    } catch (thrown) {
      if (last === current) last = null;
      throw thrown;
    }
  };
  /** Elements [begin, end), of which a byte each is stored. */
  const read = async (
    name: string,
    plan: ScaledTensor,
    [begin, end]: readonly [number, number],
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> => {
    const scale = await scalesOf(plan.scale, signal);
    const stored = weights.tensors.get(name)?.dtype as Dtype;
    const codes = decodeFloat32(stored, await weights.readRange(name, begin, end, signal));
    return dequantise(codes, begin, plan, scale);
  };
  const readFloat32 = async (name: string, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> => {
    const plan = scaled.get(name);
    return plan ? read(name, plan, [0, countOf(plan)], signal) : weights.readFloat32(name, signal);
  };
  return {
    ...weights,
    tensors,
    readFloat32,
    readRaw: async (name, signal) =>
      scaled.has(name)
        ? new Uint8Array((await readFloat32(name, signal)).buffer)
        : weights.readRaw(name, signal),
    async readRange(name, begin, end, signal) {
      const plan = scaled.get(name);
      if (!plan) return weights.readRange(name, begin, end, signal);
      checkRange(`${weights.label}, ${name}`, floatBytes * countOf(plan), begin, end);
      const first = Math.floor(begin / floatBytes);
      const values = await read(name, plan, [first, Math.ceil(end / floatBytes)], signal);
      return new Uint8Array(values.buffer).slice(begin - floatBytes * first, end - floatBytes * first);
    },
  };
}

const countOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.reduce((product, size) => product * size, 1);
