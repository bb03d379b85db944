/**
 * The cache of factors over files: a folder for each version of what made them, a file for each entry. Room
 * is made across all versions, and the entries of other versions go first, because they can never be read
 * again.
 */
import type { CacheFiles } from './cache-files.ts';
import type { FactorCache } from '../contract.ts';
import { CacheRoom, type CacheEntry } from './eviction.ts';
import { sha256Hex } from '../hash.ts';

/**
 * When entries were last used: one small file, for the times of the files themselves are those of writing.
 */
const usesFile = 'uses.json';

export interface FactorCacheOptions {
  /** What the entries were made by. */
  readonly version: string;
  /** Bytes that the entries of all versions may take together. */
  readonly limitBytes?: number;
}

export interface FactorFiles {
  /** The files of this version. */
  readonly files: CacheFiles;
  /** What other versions left. */
  outdated(): Promise<readonly CacheEntry[]>;
  /** How much entries may take together when they take `storedBytes` now. */
  limitBytes(storedBytes: number): Promise<number>;
}

export function factorCache({ files, outdated, limitBytes }: FactorFiles): FactorCache {
  /** Null until room was asked for. */
  let room: Promise<CacheRoom> | null = null;
  /** Names of what was there then. */
  let seen: ReadonlySet<string> | null = null;

  const measure = async (): Promise<CacheRoom> => {
    const uses = await readUses(files);
    const current = (await files.list())
      .filter(({ name }) => name !== usesFile)
      .map(({ name, sizeBytes, writtenMs }): CacheEntry => ({
        name,
        sizeBytes,
        usedMs: uses[name] ?? writtenMs,
        current: true,
        remove: () => files.remove(name),
      }));
    seen = new Set(current.map(({ name }) => name));
    const entries = [...current, ...(await outdated())];
    return new CacheRoom(
      entries,
      await limitBytes(entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
    );
  };

  return {
    lasting: true,
    get: async (key) => files.read(await sha256Hex(key)),
    head: async (key, sizeBytes) => files.head(await sha256Hex(key), sizeBytes),
    put: async (key, parts) => files.write(await sha256Hex(key), parts),
    async reserve(key, sizeBytes, keep) {
      try {
        const kept = new Set(await Promise.all([...keep].map((each) => sha256Hex(each))));
        return await (await (room ??= measure())).reserve(await sha256Hex(key), sizeBytes, kept);
      } catch {
        room = null;
        return false;
      }
    },
    async used(keys) {
      const known = seen;
      room = seen = null;
      const before = Object.entries(await readUses(files));
      const now = await Promise.all(
        [...keys].map(async (key) => [await sha256Hex(key), Date.now()] as const),
      );
      // Counting what is there takes longer than all the rest: what is gone is forgotten when it was counted
      // anyway.
      const uses = Object.fromEntries([...before.filter(([name]) => known?.has(name) ?? true), ...now]);
      // Where it cannot be written, the order of eviction is a little older.
      await files.write(usesFile, [new TextEncoder().encode(JSON.stringify(uses))]);
    },
  };
}

async function readUses(files: CacheFiles): Promise<Record<string, number>> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode((await files.read(usesFile)) ?? undefined));
    return Object.fromEntries(
      Object.entries(parsed ?? {}).filter((use): use is [string, number] => typeof use[1] === 'number'),
    );
  } catch {
    return {};
  }
}
