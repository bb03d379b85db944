/**
 * An export into a folder that the person picked (File System Access). A file shows its content only when it is closed, and the folder gets a
 * subfolder of its own wherever it already holds something, so nothing of the person's is overwritten.
 */
import { StudioError } from '../../src/core/errors.ts';
import { throwIfCancelled } from './cancelled.ts';
import type { OutputFolder } from './contract.ts';
import { pathSegments } from './folder-path.ts';

/** @param name of the subfolder, with a number behind it where there is one already */
export async function handleOutput(picked: FileSystemDirectoryHandle, name: string): Promise<OutputFolder> {
  const empty = await isEmpty(picked);
  const folder = empty ? picked : await freshFolder(picked, name);
  const made: (readonly [FileSystemDirectoryHandle, string])[] = [];
  let open: FileSystemWritableFileStream | null = null;

  return {
    label: empty ? picked.name : `${picked.name}/${folder.name}`,
    async create(path, signal) {
      throwIfCancelled(signal);
      const segments = pathSegments(path);
      const file = segments.pop() ?? path;
      let directory = folder;
      for (const segment of segments) directory = await directory.getDirectoryHandle(segment, { create: true });
      made.push([directory, file]);
      const stream = await writing(path, async () => (await directory.getFileHandle(file, { create: true })).createWritable());
      open = stream;
      return {
        async write(bytes) {
          throwIfCancelled(signal);
          await writing(path, () => stream.write(bytes));
        },
        async close() {
          open = null;
          await writing(path, () => stream.close());
        },
      };
    },
    commit: async () => undefined,
    async discard() {
      await open?.abort().catch(() => undefined);
      for (const [directory, file] of made) await directory.removeEntry(file).catch(() => undefined);
      if (!empty) await picked.removeEntry(folder.name, { recursive: true }).catch(() => undefined);
    },
  };
}

async function isEmpty(folder: FileSystemDirectoryHandle): Promise<boolean> {
  for await (const _ of folder.keys()) return false;
  return true;
}

async function freshFolder(parent: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  const taken = new Set<string>();
  for await (const held of parent.keys()) taken.add(held);
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  return parent.getDirectoryHandle(free, { create: true });
}

async function writing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    const why = full ? 'there is no room left. A file needs its size twice while it is written' : cause instanceof Error ? cause.message : String(cause);
    throw new StudioError('missing', `${path} could not be written: ${why}.`, { retryable: full, details: { file: path }, cause });
  }
}
