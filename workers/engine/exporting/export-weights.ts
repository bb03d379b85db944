/**
 * The merged weights as safetensors, in the VLM's own shards and order or in new shards: untouched tensors
 * byte for byte as the VLM has them, merged ones rounded to the VLM's element type. When nothing is merged
 * the VLM's own shards come back, byte for byte.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../../core/errors.ts';
import { embeddedRecipe } from '../../../core/recipe/recipe.ts';
import type { OutputFolder, TensorEntry } from '../../io/contract.ts';
import { copyFile, shardFiles, writeOwnIndex, writeWeights } from '../../io/output/write-weights.ts';
import { disposeSlot, uploadSlot } from '../../merge/factors.ts';
import { allFinite, requireFinite } from '../../merge/finite.ts';
import { isUntouched } from '../../merge/materialise.ts';
import { mergeSlot } from '../../merge/merge-slot.ts';
import { breathe } from '../../nn/breathe.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { shardMetadata } from './shard-metadata.ts';

export interface WeightsJob {
  readonly gates: Float32Array;
  readonly lambda: number;
  readonly maxShardBytes: number | null;
  /** JSON that the first shard carries in its `__metadata__`, unless nothing is merged or it is very long. */
  readonly recipe: string;
  /** Called with the bytes written so far. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface WrittenWeights {
  readonly changed: number;
  readonly untouched: number;
}

export async function exportWeights(
  session: OpenSession,
  output: OutputFolder,
  job: WeightsJob,
): Promise<WrittenWeights> {
  const { vlm } = session.checkpoints;
  const changes = new Map<string, number>();
  const { layout, slots } = session.facts;
  for (const [index, place] of layout.slots.entries()) {
    const name = slots[index]?.tensors.vlm;
    if (name !== undefined && !isUntouched(place, job.gates, job.lambda)) changes.set(name, index);
  }
  let written = 0;
  if (changes.size === 0 && job.maxShardBytes === null) {
    for (const path of shardFiles(vlm)) await copyOwn(session, output, path, job.signal);
    await writeOwnIndex(vlm, output, job.signal);
    job.onBytes(vlm.sizeBytes);
    return { changed: 0, untouched: vlm.tensors.size };
  }
  await writeWeights(vlm, output, {
    replace: (entry) => {
      const index = changes.get(entry.name);
      return index === undefined ? null : mergedBytes(session, entry, index, job);
    },
    maxShardBytes: job.maxShardBytes,
    metadata: shardMetadata(vlm, {
      isKept: job.maxShardBytes === null,
      record: changes.size > 0 ? embeddedRecipe(job.recipe) : null,
    }),
    onBytes: (size) => job.onBytes((written += size)),
    signal: job.signal,
  });
  return { changed: changes.size, untouched: vlm.tensors.size - changes.size };
}

async function copyOwn(
  { folders }: OpenSession,
  output: OutputFolder,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const source = await folders.vlm.open(path, signal);
  if (!source)
    throw new StudioError('missing', `${folders.vlm.label} has no ${path} any more.`, {
      details: { file: path },
    });
  await copyFile(source, output, path, signal);
}

/** One matrix and its factors are in memory at a time. */
async function* mergedBytes(
  session: OpenSession,
  entry: TensorEntry,
  index: number,
  job: WeightsJob,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await breathe(job.signal);
  yield mergeOne(session, entry, index, job);
}

async function mergeOne(
  { checkpoints, facts, factors: store }: OpenSession,
  entry: TensorEntry,
  index: number,
  { gates, lambda, signal }: WeightsJob,
): Promise<Uint8Array<ArrayBuffer>> {
  const factors = await store.read(index, signal);
  const values = await checkpoints.vlm.readFloat32(entry.name, signal);
  const { vlm } = checkpoints;
  if (!allFinite(values)) await requireFinite('vlm', { checkpoint: vlm, tensor: entry.name }, signal);
  const own = tf.tensor2d(values, [factors.rows, factors.columns]);
  // In the form that measurements use, so that the file holds exactly what was measured.
  const slot = uploadSlot(factors, facts.layout.slots[index]);
  try {
    const rounded = await mergeSlot(own, slot, gates, lambda, entry);
    if (!rounded)
      throw new StudioError('internal', `${entry.name} should have changed but did not.`, {
        details: { tensor: entry.name },
      });
    return rounded.bytes;
  } finally {
    own.dispose();
    disposeSlot(slot);
  }
}
