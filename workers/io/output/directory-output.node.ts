/**
 * An export into a directory on disk. Node only. Everything is written into a directory beside the target and
 * renamed to it at the end, so that what stands under the target's name is whole; a directory that already
 * holds something is never touched.
 */
import { constants, renameSync, rmSync, type Stats } from 'node:fs';
import {
  access,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../core/errors.ts';
import { draftName, readDraftName } from './draft-name.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';
import { isRunning } from '../running-process.node.ts';
import { makeDirectory } from './make-directory.node.ts';

/**
 * Throws where no model can be put in place under this name: the directory holds something, is no directory, is where
 * a disk is mounted, or may not be made.
 */
export async function refuseUnfit(directory: string): Promise<void> {
  await fitTarget(directory);
}

/** The directory itself where `directory` is a link to one, so that it is not the link that is replaced. */
async function fitTarget(directory: string): Promise<string> {
  const named = resolve(directory);
  const refuse = (why: string, remedy: string): never => {
    throw new StudioError('bad-request', `${named} ${why} ${remedy}`, { details: { file: named } });
  };
  const isLink = (await lstat(named).catch(() => null))?.isSymbolicLink() ?? false;
  const target = isLink
    ? await realpath(named).catch(() =>
        refuse('is a link to a place that is not there.', 'Choose a new directory.'),
      )
    : named;
  const there = await stat(target).catch(() => null);
  if (there && !there.isDirectory()) refuse('is not a directory.', 'Choose a new directory.');
  const held = await readdir(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return [];
    throw writeError(target, cause);
  });
  if (held.length > 0)
    refuse('is not empty.', 'Choose a new directory, or empty it first: nothing is overwritten.');
  const parent = await nearestAbove(target);
  if (!parent.info.isDirectory())
    refuse(`cannot be made: ${parent.path} is not a directory.`, 'Choose another place.');
  await access(parent.path, constants.W_OK | constants.X_OK).catch(() =>
    refuse(`cannot be made: ${parent.path} may not be written to.`, 'Choose another place.'),
  );
  // A whole model takes the place of the empty directory, and that of a mounted disk cannot be taken.
  if (there && there.dev !== parent.info.dev)
    refuse('is where a disk is mounted.', `Choose a new directory in it, such as ${join(named, 'merged')}.`);
  // Some places, such as /proc, seem to be writable and are not.
  const probe = draftIn(parent.path, target);
  await mkdir(probe).catch((cause: unknown) => Promise.reject(writeError(target, cause)));
  await rmdir(probe);
  return target;
}

async function nearestAbove(path: string): Promise<{ readonly path: string; readonly info: Stats }> {
  const above = dirname(path);
  const info = await stat(above).catch(() => null);
  if (info) return { path: above, info };
  if (above === path) throw writeError(path, new Error('there is no such place'));
  return nearestAbove(above);
}

let tell: (draft: string, isThere: boolean) => void = () => undefined;

/**
 * Tells of each draft, a directory or a file: before it is made, and when it is gone or in its place.
 * @param listener instead of an earlier one
 */
export function watchDrafts(listener: typeof tell): void {
  tell = listener;
}

export const draftBegins = (draft: string): void => tell(draft, true);
export const draftEnds = (draft: string): void => tell(draft, false);

/**
 * At once, for a process that ends. Each gets another name first, so that none of which a part is gone already is put
 * in its place by what is still at work.
 */
export function removeDrafts(paths: Iterable<string>): void {
  for (const draft of paths) {
    const aside = draft.replace(/[0-9a-f]{8}$/, newMark());
    try {
      renameSync(draft, aside);
    } catch {
      // It is in its place by now, or was not made yet.
    }
    rmSync(aside, { recursive: true, force: true });
  }
}

const newMark = (): string => crypto.randomUUID().slice(0, 8);

/** A name beside `target` that says which process writes there. */
export const draftIn = (folder: string, target: string): string =>
  join(folder, draftName(basename(target), process.pid, newMark()));

export async function directoryOutput(directory: string): Promise<OutputFolder> {
  const target = await fitTarget(directory);
  await removeAbandoned(target);
  const draft = draftIn(dirname(target), target);
  draftBegins(draft);
  await makeDirectory(draft).catch((cause: unknown) => Promise.reject(writeError(draft, cause)));
  let current: FileHandle | null = null;

  return {
    label: target,
    async create(path, signal) {
      throwIfCancelled(signal);
      const full = join(draft, ...pathSegments(path));
      await makeDirectory(dirname(full));
      const handle = await open(full, 'wx').catch((cause: unknown) =>
        Promise.reject(writeError(full, cause)),
      );
      current = handle;
      return {
        async write(bytes) {
          throwIfCancelled(signal);
          for (let at = 0; at < bytes.length;) {
            const { bytesWritten } = await handle
              .write(bytes, at, bytes.length - at)
              .catch((cause: unknown) => Promise.reject(writeError(full, cause)));
            at += bytesWritten;
          }
        },
        async close() {
          current = null;
          await handle.close();
        },
      };
    },
    async commit() {
      // An empty directory of that name gives way.
      await rmdir(target).catch(() => undefined);
      await rename(draft, target).catch((cause: unknown) => Promise.reject(writeError(target, cause)));
      draftEnds(draft);
    },
    async discard() {
      await current?.close().catch(() => undefined);
      return rm(draft, { recursive: true, force: true }).then(
        () => {
          draftEnds(draft);
          return [];
        },
        () => [draft],
      );
    },
  };
}

/** Removes what programs that were killed have left beside this target, a directory or a file. */
export async function removeAbandoned(target: string): Promise<void> {
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    const draft = readDraftName(name);
    if (draft?.target === basename(target) && !isRunning(draft.pid))
      await rm(join(dirname(target), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function writeError(file: string, cause: unknown): StudioError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'it may not be written to'
        : (cause as Error).message;
  return new StudioError('missing', `${file}: cannot be written, ${why}.`, {
    retryable: code === 'ENOSPC',
    details: { file },
    cause,
  });
}
