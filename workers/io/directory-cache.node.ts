/**
 * Factor cache in a directory, a folder in it for each version. Node only. An entry is written beside its place and renamed into it, so
 * it is there whole or not at all. The time of a file is that of its last use.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactorCache } from './contract.ts';
import { CacheRoom, type CacheEntry } from './eviction.ts';
import { sha256Hex } from './hash.ts';

export interface DirectoryCacheOptions {
  /** What the entries were made by; entries of other versions are never read, and go first when room is needed. */
  readonly version: string;
  /** Bytes that the entries of all versions may take together. */
  readonly limitBytes?: number;
}

interface Place extends CacheEntry {
  readonly path: string;
}

export function directoryCache(directory: string, { version, limitBytes = Infinity }: DirectoryCacheOptions): FactorCache {
  const own = join(directory, encodeURIComponent(version));
  const pathOf = async (key: string): Promise<string> => join(own, await sha256Hex(key));
  let room: Promise<CacheRoom<Place>> | null = null;

  return {
    lasting: true,
    async get(key) {
      try {
        return new Uint8Array(await readFile(await pathOf(key)));
      } catch {
        return null;
      }
    },
    async head(key, sizeBytes) {
      try {
        const file = await open(await pathOf(key), 'r');
        try {
          const { size } = await file.stat();
          const bytes = new Uint8Array(Math.min(size, sizeBytes));
          const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
          return { bytes: bytes.slice(0, bytesRead), sizeBytes: size };
        } finally {
          await file.close();
        }
      } catch {
        return null;
      }
    },
    async put(key, parts) {
      const path = await pathOf(key);
      const draft = `${path}.${process.pid}.${crypto.randomUUID()}`;
      try {
        await mkdir(own, { recursive: true });
        const file = await open(draft, 'w');
        try {
          for (const part of parts) await file.writeFile(part);
        } finally {
          await file.close();
        }
        await rename(draft, path);
        return true;
      } catch {
        await rm(draft, { force: true }).catch(() => undefined);
        return false;
      }
    },
    async reserve(key, sizeBytes, keep) {
      if (limitBytes === Infinity) return true;
      try {
        const measured = await (room ??= measure(directory, own, limitBytes));
        const kept = new Set(await Promise.all([...keep].map((each) => sha256Hex(each))));
        return await measured.reserve(await sha256Hex(key), sizeBytes, kept, ({ path }) =>
          rm(path, { recursive: true }).then(
            () => true,
            () => false,
          ),
        );
      } catch {
        room = null;
        return false;
      }
    },
    async used(keys) {
      room = null;
      const now = new Date();
      for (const key of keys) await utimes(await pathOf(key), now, now).catch(() => undefined);
    },
  };
}

async function measure(directory: string, own: string, limitBytes: number): Promise<CacheRoom<Place>> {
  const entries: Place[] = [];
  for (const file of await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const { size, mtimeMs } = await stat(path);
    const current = file.parentPath === own;
    entries.push({ name: current ? file.name : path, path, sizeBytes: size, usedMs: mtimeMs, current });
  }
  return new CacheRoom(entries, limitBytes);
}
