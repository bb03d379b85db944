/**
 * The merged weights as safetensors, in the VLM's own shards and order: untouched tensors byte for byte as the VLM has them,
 * merged ones rounded to the VLM's element type. When nothing is merged the VLM's own files come back, byte for byte.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../src/core/errors.ts';
import { recipeKey } from '../../src/core/recipe/recipe.ts';
import type { ExportedFile } from '../../src/protocol/engine.ts';
import type { TensorEntry } from '../io/contract.ts';
import { rewriteShard, shardFiles } from '../io/rewrite.ts';
import { disposeSlot, uploadSlot } from '../merge/factors.ts';
import { isUntouched } from '../merge/materialise.ts';
import { mergeSlot } from '../merge/mergeSlot.ts';
import { breathe } from '../nn/breathe.ts';
import type { OpenSession } from './openSession.ts';

/** All files are handed over at once, and a page can hold about this much. */
const maxBytes = 2 ** 31;
const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

export interface ExportedWeights {
  readonly files: readonly ExportedFile[];
  readonly changed: number;
  readonly untouched: number;
}

export interface WeightsJob {
  readonly gates: Float32Array;
  readonly lambda: number;
  /** JSON that the first shard carries in its `__metadata__`. */
  readonly recipe: string;
  /** Called with the bytes written so far. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export async function exportWeights(session: OpenSession, job: WeightsJob): Promise<ExportedWeights> {
  const { vlm } = session.checkpoints;
  if (vlm.sizeBytes >= maxBytes) {
    throw new StudioError('unsupported', `${vlm.label} holds ${(vlm.sizeBytes / 2 ** 30).toFixed(1)} GiB of weights; less than 2 GiB can be exported.`, { details: { value: vlm.sizeBytes } });
  }
  const changes = new Map<string, number>();
  const { layout, slots } = session.facts;
  for (const [index, place] of layout.slots.entries()) {
    const name = slots[index]?.tensors.vlm;
    if (name !== undefined && !isUntouched(place, job.gates, job.lambda)) changes.set(name, index);
  }
  const counts = { changed: changes.size, untouched: vlm.tensors.size - changes.size };
  const shards = shardFiles(vlm);
  const isSingle = shards.length === 1 && shards[0] === singleFile;
  const copied = [...(changes.size === 0 ? shards : []), ...(isSingle ? [] : [indexFile])];
  const files: ExportedFile[] = [];
  for (const path of copied) files.push({ path, bytes: await copyFile(session, path, job.signal) });
  if (changes.size === 0) return { files, ...counts };

  let written = 0;
  for (const [i, path] of shards.entries()) {
    const bytes = await rewriteShard(vlm, path, {
      replace: async (entry) => {
        await breathe(job.signal);
        const index = changes.get(entry.name);
        return index === undefined ? null : mergedBytes(session, entry, index, job);
      },
      metadata: { ...vlm.metadata, ...(i === 0 && { [recipeKey]: job.recipe }) },
      onBytes: (size) => job.onBytes((written += size)),
      signal: job.signal,
    });
    files.push({ path, bytes });
  }
  return { files, ...counts };
}

/** One matrix's factors are in memory at a time. */
async function mergedBytes({ checkpoints, facts, factors: store }: OpenSession, entry: TensorEntry, index: number, { gates, lambda, signal }: WeightsJob): Promise<Uint8Array> {
  const factors = await store.read(index, signal);
  const values = await checkpoints.vlm.readFloat32(entry.name, signal);
  const own = tf.tensor2d(values, [factors.rows, factors.columns]);
  // In the form that measurements use, so that the file holds exactly what was measured.
  const slot = uploadSlot(factors, facts.layout.slots[index]);
  try {
    const rounded = await mergeSlot(own, slot, gates, lambda, entry);
    if (!rounded) throw new StudioError('internal', `${entry.name} should have changed but did not.`, { details: { tensor: entry.name } });
    return rounded.bytes;
  } finally {
    own.dispose();
    disposeSlot(slot);
  }
}

async function copyFile({ folders }: OpenSession, path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const source = await folders.vlm.open(path, signal);
  if (!source) throw new StudioError('missing', `${folders.vlm.label} has no ${path} any more.`, { details: { file: path } });
  return source.read(0, source.sizeBytes, signal);
}
