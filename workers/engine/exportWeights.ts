/**
 * The merged weights as one safetensors file: untouched tensors byte for byte as the VLM has them, merged ones rounded to the
 * VLM's element type, in the VLM's order. When nothing is merged the VLM's own file comes back, byte for byte.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';
import { isDtype } from '../../src/core/safetensors/dtype.ts';
import { buildSafetensors, type TensorData } from '../../src/core/safetensors/write.ts';
import type { ExportedFile } from '../../src/protocol/engine.ts';
import { uploadFactors, type SlotFactors } from '../merge/factors.ts';
import { isUntouched } from '../merge/materialise.ts';
import { mergeSlot } from '../merge/mergeSlot.ts';
import { breathe } from '../nn/breathe.ts';
import type { TensorEntry } from '../io/contract.ts';
import type { OpenSession } from './openSession.ts';

const maxBytes = 2 ** 31 - 1;
const weightsFile = 'model.safetensors';

export interface ExportedWeights {
  readonly files: readonly ExportedFile[];
  readonly changed: number;
  readonly untouched: number;
}

export async function exportWeights(
  session: OpenSession,
  gates: Float32Array,
  lambda: number,
  recipe: string,
  onDone: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<ExportedWeights> {
  const { vlm } = session.checkpoints;
  if (vlm.sizeBytes > maxBytes) {
    throw new StudioError('unsupported', `${vlm.label} holds ${(vlm.sizeBytes / 2 ** 30).toFixed(1)} GiB of weights; up to 2 GiB can be exported as one file.`, { details: { value: vlm.sizeBytes } });
  }
  const bySource = new Map(session.facts.slots.map(({ tensors }, i) => [tensors.vlm, session.factors[i] as SlotFactors]));
  const entries = [...vlm.tensors.values()];
  const changes = (name: string): SlotFactors | null => {
    const factors = bySource.get(name);
    return factors && !isUntouched(factors, gates, lambda) ? factors : null;
  };
  const changed = entries.filter(({ name }) => changes(name)).length;
  const untouched = entries.length - changed;
  if (changed === 0) return { files: await originalFiles(session, entries, signal), changed, untouched };

  const tensors: TensorData[] = [];
  for (const [i, entry] of entries.entries()) {
    const { name, dtype, shape } = entry;
    if (!isDtype(dtype)) throw new StudioError('unsupported', `${name} has the element type ${dtype}, which cannot be written.`, { details: { tensor: name, value: dtype } });
    const factors = changes(name);
    tensors.push({ name, dtype, shape, bytes: factors ? await mergedBytes(session, entry, factors, gates, lambda, signal) : await vlm.readRaw(name, signal) });
    onDone(i + 1, entries.length);
    await breathe(signal);
  }
  const metadata = new Map([...Object.entries({ format: 'pt', ...vlm.metadata }), [recipeKey, recipe]]);
  return { files: [{ path: weightsFile, bytes: buildSafetensors(tensors, metadata) }], changed, untouched };
}

/** Where an exported file carries its recipe, in `__metadata__`. */
export const recipeKey = 'frism_recipe';

async function mergedBytes({ checkpoints }: OpenSession, entry: TensorEntry, factors: SlotFactors, gates: Float32Array, lambda: number, signal: AbortSignal): Promise<Uint8Array> {
  const values = await checkpoints.vlm.readFloat32(entry.name, signal);
  const own = tf.tensor2d(values, [factors.rows, factors.columns]);
  const uploaded = uploadFactors([factors]);
  try {
    const [slot] = uploaded.slots;
    const rounded = slot && (await mergeSlot(own, slot, gates, lambda, entry));
    if (!rounded) throw new StudioError('internal', `${entry.name} should have changed but did not.`, { details: { tensor: entry.name } });
    return rounded.bytes;
  } finally {
    own.dispose();
    uploaded.dispose();
  }
}

async function originalFiles({ folders }: OpenSession, entries: readonly TensorEntry[], signal: AbortSignal): Promise<ExportedFile[]> {
  const names = new Set(entries.map(({ file }) => file));
  if (names.size > 1 || !names.has(weightsFile)) names.add(`${weightsFile}.index.json`);
  const files: ExportedFile[] = [];
  for (const path of names) {
    const source = await folders.vlm.open(path, signal);
    if (!source) throw new StudioError('missing', `${folders.vlm.label} has no ${path} any more.`, { details: { file: path } });
    files.push({ path, bytes: await source.read(0, source.sizeBytes, signal) });
  }
  return files;
}
