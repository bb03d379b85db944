/**
 * A cache in a directory. Node only. An entry is written beside its place and then renamed, so that it is
 * there as a whole or not at all.
 */
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheFile, CacheFiles } from './cache-files.ts';
import type { ByteCache } from '../contract.ts';
import { makeDirectory } from '../output/make-directory.node.ts';
import { isRunning } from '../running-process.node.ts';
import { lruCache, type LruOptions } from './lru-cache.ts';

export function directoryCache(
  directory: string,
  { maxBytes = Infinity, freshMs = Infinity }: Partial<LruOptions> = {},
): ByteCache {
  return lruCache(directoryFiles(directory), { maxBytes, freshMs });
}

/** What another process is writing just now, or left behind when it was killed. */
const draft = /\.([0-9]+)\.[0-9a-f-]{36}$/;

export function directoryFiles(directory: string): CacheFiles {
  return {
    async list() {
      const found: CacheFile[] = [];
      for (const name of await readdir(directory).catch(() => [])) {
        const writer = draft.exec(name)?.[1];
        if (writer !== undefined) {
          if (!isRunning(Number(writer)))
            await rm(join(directory, name), { force: true }).catch(() => undefined);
          continue;
        }
        const info = await stat(join(directory, name)).catch(() => null);
        if (info?.isFile()) found.push({ name, sizeBytes: info.size, writtenMs: info.mtimeMs });
      }
      return found;
    },
    async read(name) {
      try {
        return new Uint8Array(await readFile(join(directory, name)));
      } catch {
        return null;
      }
    },
    async head(name, sizeBytes) {
      let file: FileHandle | null = null;
      try {
        file = await open(join(directory, name), 'r');
        const { size } = await file.stat();
        const bytes = new Uint8Array(Math.min(size, sizeBytes));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
        return { bytes: bytes.slice(0, bytesRead), sizeBytes: size };
      } catch {
        return null;
      } finally {
        await file?.close();
      }
    },
    async write(name, parts) {
      const path = join(directory, name);
      const beside = `${path}.${process.pid}.${crypto.randomUUID()}`;
      try {
        await makeDirectory(directory);
        const file = await open(beside, 'w');
        try {
          for (const part of parts) await file.writeFile(part);
        } finally {
          await file.close();
        }
        await rename(beside, path);
        return true;
      } catch {
        await rm(beside, { force: true }).catch(() => undefined);
        await rm(path, { force: true }).catch(() => undefined);
        return false;
      }
    },
    remove: (name) => rm(join(directory, name), { force: true }).catch(() => undefined),
  };
}
