/** Writes a shard of a checkpoint again, some tensors replaced: order, names, formats and shapes stay, and so does every byte that is not replaced. */
import { StudioError } from '../../src/core/errors.ts';
import { isDtype } from '../../src/core/safetensors/dtype.ts';
import { buildSafetensors, type TensorData } from '../../src/core/safetensors/write.ts';
import { throwIfCancelled } from './cancelled.ts';
import type { Checkpoint, TensorEntry } from './contract.ts';

export interface RewriteOptions {
  /** The new bytes of a tensor in its own dtype, or null to keep it. Asked once a tensor, in file order. */
  readonly replace: (tensor: TensorEntry) => Promise<Uint8Array | null> | Uint8Array | null;
  /** Written as `__metadata__`, in this order. Pass the checkpoint's own to get an untouched file back byte for byte. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Called after each tensor with the size of its data. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** The shard files of a checkpoint, in the order of their tensors. */
export function shardFiles(checkpoint: Checkpoint): string[] {
  return [...new Set([...checkpoint.tensors.values()].map(({ file }) => file))];
}

/** The whole file in memory: `memory` when it does not fit. */
export async function rewriteShard(checkpoint: Checkpoint, file: string, options: RewriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: TensorData[] = [];
  for (const entry of checkpoint.tensors.values()) {
    if (entry.file !== file) continue;
    throwIfCancelled(options.signal);
    const { name, dtype, shape, sizeBytes } = entry;
    if (!isDtype(dtype)) throw new StudioError('internal', `${name} has the unknown dtype ${dtype}.`, { details: { tensor: name, value: dtype } });
    const bytes = (await options.replace(entry)) ?? (await checkpoint.readRaw(name, options.signal));
    tensors.push({ name, dtype, shape, bytes });
    options.onBytes?.(sizeBytes);
  }
  if (tensors.length === 0) throw new StudioError('bad-request', `${checkpoint.label} has no shard ${file}.`, { details: { file } });
  return buildSafetensors(tensors, new Map(Object.entries(options.metadata)));
}
