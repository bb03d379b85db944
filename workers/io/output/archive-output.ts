/**
 * An export for a download: a .zip in the browser's private file system, so that it is never whole in memory.
 * Where there is no such file system it is made in memory. The archive of one export is removed when the next
 * begins, or when the studio starts.
 */
import { StudioError } from '../../../core/errors.ts';
import type { OutputFolder } from '../contract.ts';
import { zipOutput } from './zip-output.ts';

const directoryName = 'exports';
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
    await root.removeEntry(directoryName, { recursive: true }).catch(() => undefined);
    const directory = await root.getDirectoryHandle(directoryName, { create: true });
    handle = await directory.getFileHandle(`${folder}.zip`, { create: true });
    sink = await handle.createWritable();
  } catch {
    return null;
  }
  return { ...zipOutput(folder, sink), archive: async () => handle.getFile() };
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
