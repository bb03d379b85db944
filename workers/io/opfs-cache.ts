/**
 * Factor cache in the browser's private file system. A writable stream replaces a file only when it is closed, so an entry is
 * there whole or not at all. Faults of storage are no faults of the job: `get` answers null and `put` false.
 */
import type { FactorCache } from './contract.ts';
import { sha256Hex } from './hash.ts';

/** Left free for the browser and for other sites' data. */
const reserveBytes = 64 * 2 ** 20;

/** Null where there is no such file system: Node, private windows of some browsers, pages without a secure context. */
export async function openOpfsCache(folder = 'factors'): Promise<FactorCache | null> {
  try {
    const root = await navigator.storage.getDirectory();
    return directoryCache(await root.getDirectoryHandle(folder, { create: true }));
  } catch {
    return null;
  }
}

function directoryCache(directory: FileSystemDirectoryHandle): FactorCache {
  return {
    lasting: true,
    async get(key) {
      try {
        const handle = await directory.getFileHandle(await sha256Hex(key));
        return new Uint8Array(await (await handle.getFile()).arrayBuffer());
      } catch {
        return null;
      }
    },
    async put(key, bytes) {
      const name = await sha256Hex(key);
      try {
        const { quota = 0, usage = 0 } = await navigator.storage.estimate();
        if (quota - usage < bytes.length + reserveBytes) return false;
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
        await directory.removeEntry(name).catch(() => undefined);
        return false;
      }
    },
  };
}
