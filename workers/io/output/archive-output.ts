/**
 * An export for a download: a .zip in the browser's private file system, so that it is never whole in memory.
 * Where there is no such file system it is made in memory. The archive of one export is removed when the next
 * begins. One whose tab is gone, half written or whole, is removed when the studio starts anywhere. Where the worker
 * alone is gone, a whole one stays, for the browser may still be copying it, and a half-written one goes when the tab's
 * next worker starts.
 */
import { StudioError } from '../../../core/errors.ts';
import { archiveLock, tabOf } from '../../../protocol/tab.ts';
import type { OutputFolder } from '../contract.ts';
import { zipOutput } from './zip-output.ts';

const directoryName = 'exports';
/** Of a worker that belongs to no tab. */
const ownName = crypto.randomUUID();
let held: Promise<void> | null = null;
/** Without a file system, a page can hold about this much. */
const maxMemoryBytes = 2 ** 31;

export interface ArchiveOutput extends OutputFolder {
  /** After commit. */
  archive(): Promise<Blob>;
}

export async function archiveOutput(folder: string): Promise<ArchiveOutput> {
  return (await diskArchive(folder)) ?? memoryArchive(folder);
}

async function diskArchive(folder: string): Promise<ArchiveOutput | null> {
  let handle: FileSystemFileHandle;
  let sink: FileSystemWritableFileStream;
  try {
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(directoryName, { create: true });
    const own = await owner();
    await all.removeEntry(own, { recursive: true }).catch(() => undefined);
    const directory = await all.getDirectoryHandle(own, { create: true });
    handle = await directory.getFileHandle(`${folder}.zip`, { create: true });
    sink = await handle.createWritable();
  } catch {
    return null;
  }
  return { ...zipOutput(folder, sink), archive: async () => handle.getFile() };
}

/** Archives lie in a directory of this name, and a lock of it, which a tab holds by itself, says that they are needed. */
async function owner(): Promise<string> {
  const tab = tabOf((globalThis as { readonly name?: unknown }).name);
  if (tab !== null) return tab;
  await (held ??= holdLock(ownName));
  return ownName;
}

/** Until this worker ends, however it ends. */
function holdLock(name: string): Promise<void> {
  if (!('locks' in navigator)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(archiveLock(name), () => {
        resolve();
        return new Promise<void>(() => undefined);
      })
      .catch(reject);
  });
}

/**
 * Removes the archives of tabs that are gone, and of others as soon as they go: until then a tab may be writing one, or
 * the browser may be copying it to where it is kept. Nothing is done where the browser has no such file system or no
 * locks.
 */
export async function removeAbandonedArchives(): Promise<void> {
  try {
    if (!('locks' in navigator)) return;
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(directoryName);
    const names: string[] = [];
    for await (const name of all.keys()) names.push(name);
    const own = tabOf((globalThis as { readonly name?: unknown }).name);
    for (const name of names) {
      const remove = () => all.removeEntry(name, { recursive: true }).catch(() => undefined);
      if (name === own && (await isUnfinished(await all.getDirectoryHandle(name)))) await remove();
      else void navigator.locks.request(archiveLock(name), remove).catch(() => undefined);
    }
  } catch {
    // There are none.
  }
}

/** What is written to a file is in it only when it is closed. */
async function isUnfinished(directory: FileSystemDirectoryHandle): Promise<boolean> {
  for await (const entry of directory.values())
    if (entry.kind === 'file' && (await (entry as FileSystemFileHandle).getFile()).size > 0) return false;
  return true;
}

function memoryArchive(folder: string): ArchiveOutput {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  const sink = new WritableStream<Uint8Array>({
    write(part) {
      sizeBytes += part.length;
      if (sizeBytes > maxMemoryBytes) {
        throw new StudioError(
          'memory',
          'The merged model is over 2 GiB and this browser has no private file system to put it together in: save it to a folder instead.',
          { details: { value: sizeBytes } },
        );
      }
      parts.push(new Uint8Array(part));
    },
  });
  return { ...zipOutput(folder, sink), archive: async () => new Blob(parts, { type: 'application/zip' }) };
}
