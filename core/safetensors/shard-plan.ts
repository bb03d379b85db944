/** Which tensor goes into which file of a checkpoint that is written, and the index that says so. */
import { StudioError } from '../errors.ts';
import type { TensorLayout } from './write.ts';

export interface PlannedShard<T> {
  readonly file: string;
  readonly tensors: readonly T[];
}

export interface SizedTensor extends Pick<TensorLayout, 'name'> {
  readonly sizeBytes: number;
}

/**
 * Tensors in the order given, a new shard where the next one would not fit; a tensor above the limit has a
 * shard to itself. Names are those of `transformers`: model.safetensors, or model-00001-of-0000N.safetensors.
 */
export function planShards<T extends SizedTensor>(
  tensors: readonly T[],
  maxShardBytes: number,
): PlannedShard<T>[] {
  if (!(maxShardBytes > 0))
    throw new StudioError('bad-request', `A shard holds a positive number of bytes, not ${maxShardBytes}.`, {
      details: { value: maxShardBytes },
    });
  const groups: T[][] = [];
  let filled = Infinity;
  for (const tensor of tensors) {
    if (filled + tensor.sizeBytes > maxShardBytes) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(tensor);
    filled += tensor.sizeBytes;
  }
  const digits = (count: number) => String(count).padStart(5, '0');
  return groups.map((held, i) => ({
    file:
      groups.length === 1
        ? 'model.safetensors'
        : `model-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`,
    tensors: held,
  }));
}

/** `model.safetensors.index.json` as `transformers` writes it: total_size in bytes, names sorted. */
export function encodeShardIndex(shards: readonly PlannedShard<SizedTensor>[]): string {
  const places = shards.flatMap(({ file, tensors }) =>
    tensors.map(({ name }): [string, string] => [name, file]),
  );
  const totalBytes = shards.reduce(
    (sum, { tensors }) => tensors.reduce((inner, { sizeBytes }) => inner + sizeBytes, sum),
    0,
  );
  const sorted = places.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${JSON.stringify({ metadata: { total_size: totalBytes }, weight_map: Object.fromEntries(sorted) }, null, 2)}\n`;
}
