/** Caches in the browser's private file system. */
import type { CacheFile, CacheFiles } from './cache-files.ts';
import type { ByteCache } from '../contract.ts';
import { lruCache, type LruOptions } from './lru-cache.ts';

/** Left free for the browser and for other sites' data. */
const reserveBytes = 64 * 2 ** 20;
const roomFreshMs = 1000;
/** Calls wait for the browser's process; a few at a time hide that. */
const calls = 8;

/**
 * Null where there is no such file system: Node, private windows of some browsers, pages without a secure
 * context. A cache takes at most half of what the browser gives this site.
 */
export async function openOpfsCache(
  folder: string,
  { maxBytes = Infinity, freshMs = Infinity }: Partial<LruOptions> = {},
): Promise<ByteCache | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(folder, { create: true });
    return lruCache(opfsFiles(directory, 'whole'), {
      maxBytes: Math.min(maxBytes, await opfsShareBytes()),
      freshMs,
    });
  } catch {
    return null;
  }
}

/** What a cache may take of what the browser gives this site: half. */
export async function opfsShareBytes(): Promise<number> {
  const { quota } = await navigator.storage.estimate();
  return (quota ?? Infinity) / 2;
}

/**
 * `whole`: a file is there whole or not at all, because a stream replaces it when it is closed. `locked`, in
 * workers, where there is a choice: straight into the file, which is quicker, while nobody else can open it;
 * one whose writer was stopped half-way is shorter than it should be.
 */
export function opfsFiles(directory: FileSystemDirectoryHandle, writing: 'whole' | 'locked'): CacheFiles {
  const remove = (name: string): Promise<void> => directory.removeEntry(name).catch(() => undefined);
  const fileOf = async (name: string): Promise<File> => (await directory.getFileHandle(name)).getFile();
  const room = roomMeter();
  return {
    async list() {
      const found: CacheFile[] = [];
      try {
        const handles = directory.values();
        const work = async (): Promise<void> => {
          for (let next = await handles.next(); !next.done; next = await handles.next()) {
            if (next.value.kind !== 'file') continue;
            // One that another tab is writing or has just removed does not count.
            const file = await (next.value as FileSystemFileHandle).getFile().catch(() => null);
            if (file) found.push({ name: file.name, sizeBytes: file.size, writtenMs: file.lastModified });
          }
        };
        await Promise.all(Array.from({ length: calls }, work));
      } catch {
        // What was found is what can be counted.
      }
      return found;
    },
    async read(name) {
      try {
        return new Uint8Array(await (await fileOf(name)).arrayBuffer());
      } catch {
        return null;
      }
    },
    async head(name, sizeBytes) {
      try {
        const file = await fileOf(name);
        return { bytes: new Uint8Array(await file.slice(0, sizeBytes).arrayBuffer()), sizeBytes: file.size };
      } catch {
        return null;
      }
    },
    async write(name, parts) {
      try {
        const sizeBytes = parts.reduce((sum, { length }) => sum + length, 0);
        if (!(await room(sizeBytes))) {
          await remove(name);
          return false;
        }
        const handle = await directory.getFileHandle(name, { create: true });
        await (writing === 'locked' && 'createSyncAccessHandle' in handle
          ? writeLocked(handle as LockingHandle, parts)
          : writeStreamed(handle, parts));
        return true;
      } catch (cause) {
        // A file just created is empty until its stream is closed: an empty entry must not pass for a cached
        // one. One that another worker is writing is that worker's.
        if (!(cause instanceof DOMException && cause.name === 'NoModificationAllowedError'))
          await remove(name);
        return false;
      }
    },
    remove,
  };
}

/**
 * Whether there is room for so many bytes more, which then count as taken. The browser is asked again after a
 * second: each question costs as much as a small write. What others write meanwhile is not seen; the browser
 * then refuses the write itself.
 */
function roomMeter(): (sizeBytes: number) => Promise<boolean> {
  let leftBytes = 0;
  let askedMs = -Infinity;
  return async (sizeBytes) => {
    if (performance.now() - askedMs > roomFreshMs || leftBytes < sizeBytes) {
      askedMs = performance.now();
      const { quota = 0, usage = 0 } = await navigator.storage.estimate();
      leftBytes = quota - usage - reserveBytes;
    }
    if (leftBytes < sizeBytes) return false;
    leftBytes -= sizeBytes;
    return true;
  };
}

/** What workers have and pages have not. */
interface LockingHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    close(): void;
  }>;
}

async function writeLocked(handle: LockingHandle, parts: readonly Uint8Array[]): Promise<void> {
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    for (const part of parts) {
      const written = access.write(part, { at });
      if (written !== part.length) throw new Error(`${written} of ${part.length} bytes were written.`);
      at += written;
    }
  } finally {
    access.close();
  }
}

async function writeStreamed(handle: FileSystemFileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const stream = await handle.createWritable();
  try {
    for (const part of parts) await stream.write(part as Uint8Array<ArrayBuffer>);
    await stream.close();
  } catch (cause) {
    await stream.abort(cause);
    throw cause;
  }
}
