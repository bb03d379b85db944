/**
 * An export into a folder that the person picked (File System Access). A file shows its content only when it
 * is closed, and the folder gets a subfolder of its own wherever it already holds something, so nothing of
 * the person's is overwritten. A folder can be taken away, filled up or locked at any moment: each such fault
 * is said in words.
 */
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';

/** @param name of the subfolder, with a number behind it where there is one already */
export async function handleOutput(picked: FileSystemDirectoryHandle, name: string): Promise<OutputFolder> {
  const { empty, folder } = await writing(picked.name, async () => {
    const hasNothing = await isEmpty(picked);
    return { empty: hasNothing, folder: hasNothing ? picked : await freshFolder(picked, name) };
  });
  const made: {
    readonly directory: FileSystemDirectoryHandle;
    readonly file: string;
    readonly path: string;
  }[] = [];
  const folders: { readonly parent: FileSystemDirectoryHandle; readonly name: string }[] = [];
  let open: FileSystemWritableFileStream | null = null;
  /** Settles when no file is being made: one that were made after a discard would stay. */
  let making: Promise<unknown> = Promise.resolve();

  return {
    label: empty ? picked.name : `${picked.name}/${folder.name}`,
    async create(path, signal) {
      throwIfCancelled(signal);
      const segments = pathSegments(path);
      const file = segments.pop() ?? path;
      const opening = writing(path, async () => {
        let directory = folder;
        for (const segment of segments) {
          folders.push({ parent: directory, name: segment });
          directory = await directory.getDirectoryHandle(segment, { create: true });
        }
        made.push({ directory, file, path });
        return (await directory.getFileHandle(file, { create: true })).createWritable();
      });
      making = opening.catch(() => undefined);
      const stream = await opening;
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
      await making;
      // Twice is once: an entry that was removed is not there any more.
      await open?.abort().catch(() => undefined);
      open = null;
      const left: string[] = [];
      for (const { directory, file, path } of made.splice(0))
        await directory.removeEntry(file).catch((fault: unknown) => isGone(fault) || left.push(path));
      // A folder that holds something else stays.
      for (const { parent, name } of folders.splice(0).reverse())
        await parent.removeEntry(name).catch(() => undefined);
      // Its own subfolder goes as well, but never with anything in it that somebody else has put there.
      if (!empty && left.length === 0) await picked.removeEntry(folder.name).catch(() => undefined);
      return left;
    },
  };
}

async function isEmpty(folder: FileSystemDirectoryHandle): Promise<boolean> {
  for await (const _ of folder.keys()) return false;
  return true;
}

async function freshFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle> {
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
    const name = cause instanceof DOMException ? cause.name : '';
    const why = reasons[name] ?? (cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause));
    throw new StudioError('missing', `${path} could not be written: ${why}.`, {
      retryable: name in reasons,
      details: { file: path },
      cause,
    });
  }
}

/** By the name of the browser's error. All of them can be mended by a person. */
const reasons: Readonly<Record<string, string>> = {
  QuotaExceededError:
    'there is no room left. A file needs its size twice while it is written. Free some of the disk, save into a folder on another one, or export shards up to 1 GB or a LoRA adapter, which take less',
  NotAllowedError: 'this page may not write there, or not any more. Choose the folder again and allow it',
  NotFoundError: 'the folder is not there any more',
  NoModificationAllowedError: 'another page or program holds it',
  InvalidStateError: 'the folder changed while it was written',
};

const isGone = (fault: unknown): boolean => fault instanceof DOMException && fault.name === 'NotFoundError';
