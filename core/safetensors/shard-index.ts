/**
 * `model.safetensors.index.json`: which shard holds which tensor. It is checked before any shard is opened,
 * and compared with the shards' headers afterwards. As in `transformers`, it says which files are opened, and
 * they say which tensors there are.
 */
import { StudioError } from '../errors.ts';
import { harmless, named, sortKeys, used, type ReadRules } from '../reading/rules.ts';
import { JsonError, parseStrictJson } from '../strict-json.ts';
import type { SafetensorsHeader } from './header.ts';

export const indexRules: ReadRules = {
  file: 'model.safetensors.index.json',
  about: 'Which shard holds which tensor. What the shards themselves say counts where the two disagree.',
  keys: {
    weight_map: used('names the shards; each of them is read whole'),
    metadata: harmless('sizes, which the shards say themselves'),
  },
  others: named('not known here'),
};

export interface ShardIndex {
  /** Keys beside those that are known. */
  readonly unknown: readonly string[];
  /** False where there is no `metadata`, without which transformers does not open the shards. */
  readonly hasMetadata: boolean;

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
    root = parseStrictJson(text, {
      maxDepth: 8,
      maxValues: 2 * maxIndexed,
      maxMembers: maxIndexed,
      pythonNumbers: true,
    });
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
  const members = root instanceof Map ? Object.fromEntries(root) : {};
  return {
    weightMap,
    shards,
    unknown: sortKeys(indexRules, members).named.map(({ key }) => key.slice(0, 80)),
    hasMetadata: members['metadata'] instanceof Map,
  };
}

export interface IndexDifferences {
  /** Tensors of the shards that the index does not list. */
  readonly unlisted: readonly string[];
  /** Tensors that the index lists and no shard holds. */
  readonly stale: readonly string[];
  /** Tensors that lie in another shard than the index says. */
  readonly moved: readonly string[];
}

/** Where the shards' own headers say otherwise than the index. The headers are right. */
export function compareIndex(
  { weightMap }: ShardIndex,
  headers: ReadonlyMap<string, SafetensorsHeader>,
): IndexDifferences {
  const found = new Map(
    [...headers].flatMap(([shard, { tensors }]) => tensors.map(({ name }) => [name, shard] as const)),
  );
  return {
    unlisted: [...found.keys()].filter((name) => !weightMap.has(name)),
    stale: [...weightMap.keys()].filter((name) => !found.has(name)),
    moved: [...weightMap].flatMap(([name, shard]) =>
      found.has(name) && found.get(name) !== shard ? [name] : [],
    ),
  };
}
