/** What the `__metadata__` of each file of an export says. */
import { mergeKey, recipeKey } from '../../../core/recipe/recipe.ts';
import type { PassedOver } from '../../../core/reading/folder-rules.ts';
import { joinMetadata, withFormat } from '../../../core/safetensors/metadata.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { WriteOptions } from '../../io/output/write-weights.ts';

type Metadata = Readonly<Record<string, string>>;

/**
 * Files that are kept keep their own; new ones get what the VLM's say together. The record stands in the first
 * file, in place of the one of an earlier merge, and every file has a format that `transformers` accepts. Where
 * nothing is merged (`record` is null) files that are kept come back as they are.
 */
export function shardMetadata(
  vlm: Checkpoint,
  { isKept, record }: { readonly isKept: boolean; readonly record: Metadata | null },
): WriteOptions['metadata'] {
  return (shard, file) => {
    const own = (isKept ? vlm.fileMetadata?.get(file) : null) ?? vlm.metadata;
    if (record === null && isKept) return own;
    const kept = record === null && shard === 0 ? own : withoutRecords(own);
    return withFormat({ ...kept, ...(shard === 0 && record) });
  };
}

const withoutRecords = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== recipeKey && key !== mergeKey));

/** What new shards cannot say, because the VLM's shards disagree on it. */
export function metadataLeftOut(vlm: Checkpoint, maxShardBytes: number | null): PassedOver[] {
  if (maxShardBytes === null) return [];
  return joinMetadata(vlm.fileMetadata?.values() ?? []).differing.map((key) => ({
    name: `__metadata__ ${key}`,
    why: 'the VLM’s shards disagree on it, and new shards hold tensors of several of them',
  }));
}
