/**
 * `model.safetensors.index.json`: which shard holds which tensor. It is checked before any shard is opened,
 * and compared with each shard's header afterwards.
 */
import { StudioError } from '../errors.ts';
import { JsonError, parseStrictJson } from '../strict-json.ts';
import type { SafetensorsHeader } from './header.ts';

export interface ShardIndex {
  /** Tensor name → shard file. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Shard file → the tensors it should hold; shards in order of first mention. */
  readonly shards: ReadonlyMap<string, readonly string[]>;
}

const maxShards = 2_000;
/** The most tensors of all shards together. The largest published models have about 100,000. */
const maxIndexed = 300_000;

export function parseShardIndex(text: string, file: string): ShardIndex {
  const refuse = (message: string, value?: string | number, cause?: unknown): never => {
    throw new StudioError('bad-file', `${file}: ${message}`, {
      details: { file, ...(value === undefined ? {} : { value }) },
      cause,
    });
  };
  let root;
  try {
    root = parseStrictJson(text, { maxDepth: 8, maxValues: 2 * maxIndexed, maxMembers: maxIndexed });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    if (cause.reason === 'members')
      return refuse(`names more than ${maxIndexed} tensors, more than this studio reads.`, maxIndexed, cause);
    return refuse(`is not valid JSON: ${cause.message}.`, undefined, cause);
  }
  const map = root instanceof Map ? root.get('weight_map') : undefined;
  if (!(map instanceof Map) || map.size === 0) return refuse('has no weight_map that names tensors.');

  const weightMap = new Map<string, string>();
  const shards = new Map<string, string[]>();
  for (const [tensor, shard] of map) {
    // A shard lies beside its index: one plain file name, so that no path can lead out of the folder or back
    // to the index.
    if (typeof shard !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}\.safetensors$/.test(shard)) {
      return refuse(
        `weight_map sends ${tensor.slice(0, 120)} to ${JSON.stringify(shard instanceof Map ? '{…}' : shard)?.slice(0, 120)}, which is not the name of a .safetensors file in this folder.`,
        tensor.slice(0, 120),
      );
    }
    weightMap.set(tensor, shard);
    const held = shards.get(shard);
    if (held) held.push(tensor);
    else if (shards.size === maxShards)
      refuse(`names more than ${maxShards} shards, more than this studio reads.`, maxShards);
    else shards.set(shard, [tensor]);
  }
  return { weightMap, shards };
}

/** A shard must hold exactly the tensors that the index says it holds. */
export function checkShard(
  index: ShardIndex,
  shard: string,
  header: SafetensorsHeader,
  indexFile: string,
): void {
  const held = new Set(header.tensors.map(({ name }) => name));
  for (const tensor of index.shards.get(shard) ?? []) {
    if (!held.has(tensor)) {
      throw new StudioError('missing', `${shard} does not hold ${tensor}, though ${indexFile} says so.`, {
        details: { file: shard, tensor },
      });
    }
  }
  for (const tensor of held) {
    const file = index.weightMap.get(tensor);
    if (file !== shard) {
      const where = file === undefined ? 'does not list it' : `places it in ${file}`;
      throw new StudioError('bad-file', `${shard} holds ${tensor}, but ${indexFile} ${where}.`, {
        details: { file: shard, tensor },
      });
    }
  }
}
