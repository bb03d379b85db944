/**
 * A lasting cache that holds at most `maxBytes`: the entries that were not used for the longest time go
 * first, also across restarts. Where the disk or the browser gives less room than that, older entries make
 * room. Entries that were used within `freshMs` never do; the new entry is not kept instead, so that reading
 * more than fits leaves the beginning in the cache and not nothing.
 *
 * Two programs may share the files: each then keeps its own count, so that both together may hold more for a
 * while.
 */
import type { CacheFiles } from './cache-files.ts';
import type { ByteCache } from '../contract.ts';
import { sha256Hex } from '../hash.ts';

interface Entry {
  readonly sizeBytes: number;
  usedMs: number;
}

/** When entries were last used; those it does not know count from when they were written. */
const recencyFile = 'recency.json';
/** Uses of the last seconds before a program ends may be forgotten. */
const recencyGapMs = 5_000;

export interface LruOptions {
  readonly maxBytes: number;
  readonly freshMs: number;
  readonly now?: () => number;
}

export function lruCache(files: CacheFiles, { maxBytes, freshMs, now = Date.now }: LruOptions): ByteCache {
  const begunMs = now();
  let heldBytes = 0;
  let savedMs = now();
  let opened: Promise<Map<string, Entry>> | null = null;

  const open = async (): Promise<Map<string, Entry>> => {
    const recency = await readRecency(files);
    const entries = new Map<string, Entry>();
    for (const { name, sizeBytes, writtenMs } of await files.list()) {
      if (name === recencyFile) continue;
      entries.set(name, { sizeBytes, usedMs: recency.get(name) ?? writtenMs });
      heldBytes += sizeBytes;
    }
    return entries;
  };

  const forget = (entries: Map<string, Entry>, name: string): void => {
    heldBytes -= entries.get(name)?.sizeBytes ?? 0;
    entries.delete(name);
  };

  /** Whether `sizeBytes` more now fit into `bound`. */
  const makeRoom = async (
    entries: Map<string, Entry>,
    sizeBytes: number,
    bound: number,
  ): Promise<boolean> => {
    if (heldBytes + sizeBytes <= bound) return true;
    // Whatever was used before this program began, however lately, is used by nobody now.
    const freshFromMs = Math.max(begunMs, now() - freshMs);
    const old = [...entries]
      .filter(([, { usedMs }]) => usedMs < freshFromMs)
      .sort(([, a], [, b]) => a.usedMs - b.usedMs);
    for (const [name] of old) {
      forget(entries, name);
      await files.remove(name);
      if (heldBytes + sizeBytes <= bound) return true;
    }
    return false;
  };

  const used = (entries: ReadonlyMap<string, Entry>): void => {
    if (now() - savedMs < recencyGapMs) return;
    savedMs = now();
    const recency = Object.fromEntries([...entries].map(([name, { usedMs }]) => [name, usedMs]));
    void files.write(recencyFile, [new TextEncoder().encode(JSON.stringify(recency))]);
  };

  return {
    lasting: true,
    async get(key) {
      const name = await sha256Hex(key);
      const bytes = await files.read(name);
      const entries = await (opened ??= open());
      if (!bytes) forget(entries, name);
      const entry = entries.get(name);
      if (entry) entry.usedMs = now();
      used(entries);
      return bytes;
    },
    async put(key, bytes) {
      const name = await sha256Hex(key);
      const entries = await (opened ??= open());
      const sizeBytes = bytes.length;
      forget(entries, name);
      if (!(await makeRoom(entries, sizeBytes, maxBytes))) {
        await files.remove(name);
        return false;
      }
      if (!(await files.write(name, [bytes]))) {
        // There is less room than was thought.
        if (!(await makeRoom(entries, sizeBytes, heldBytes)) || !(await files.write(name, [bytes])))
          return false;
      }
      forget(entries, name);
      entries.set(name, { sizeBytes, usedMs: now() });
      heldBytes += sizeBytes;
      used(entries);
      return true;
    },
  };
}

async function readRecency(files: CacheFiles): Promise<ReadonlyMap<string, number>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode((await files.read(recencyFile)) ?? undefined));
    return new Map(
      Object.entries(value ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch {
    return new Map();
  }
}
