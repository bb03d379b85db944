/** A cache in the browser's private file system. A writable stream replaces a file only when it is closed, so an entry is there whole or not at all. */
import type { CacheFile, CacheFiles } from './cache-files.ts';
import type { FactorCache } from './contract.ts';
import { lruCache, type LruOptions } from './lru-cache.ts';

/** Left free for the browser and for other sites' data. */
const reserveBytes = 64 * 2 ** 20;

/** Null where there is no such file system: Node, private windows of some browsers, pages without a secure context. A cache takes at most half of what the browser gives this site. */
export async function openOpfsCache(folder = 'factors', { maxBytes = Infinity, freshMs = Infinity }: Partial<LruOptions> = {}): Promise<FactorCache | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(folder, { create: true });
    const { quota } = await navigator.storage.estimate();
    return lruCache(opfsFiles(directory), { maxBytes: Math.min(maxBytes, (quota ?? Infinity) / 2), freshMs });
  } catch {
    return null;
  }
}

function opfsFiles(directory: FileSystemDirectoryHandle): CacheFiles {
  const remove = (name: string): Promise<void> => directory.removeEntry(name).catch(() => undefined);
  return {
    async list() {
      const found: CacheFile[] = [];
      try {
        for await (const [name, handle] of directory.entries()) {
          if (handle.kind !== 'file') continue;
          const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
          found.push({ name, sizeBytes: size, writtenMs: lastModified });
        }
      } catch {
        // What was found is what can be counted.
      }
      return found;
    },
    async read(name) {
      try {
        const handle = await directory.getFileHandle(name);
        return new Uint8Array(await (await handle.getFile()).arrayBuffer());
      } catch {
        return null;
      }
    },
    async write(name, bytes) {
      try {
        const { quota = 0, usage = 0 } = await navigator.storage.estimate();
        if (quota - usage < bytes.length + reserveBytes) {
          await remove(name);
          return false;
        }
        const stream = await (await directory.getFileHandle(name, { create: true })).createWritable();
        try {
          await stream.write(new Uint8Array(bytes));
          await stream.close();
        } catch (cause) {
          await stream.abort(cause);
          throw cause;
        }
        return true;
      } catch {
        // A file just created is empty until its stream is closed: an empty entry must not pass for a cached one.
        await remove(name);
        return false;
      }
    },
    remove,
  };
}
