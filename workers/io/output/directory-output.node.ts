/**
 * An export into a directory on disk. Node only. Everything is written into a directory beside the target and
 * renamed to it at the end, so that what stands under the target's name is whole; a directory that already
 * holds something is never touched.
 */
import { mkdir, open, readdir, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';

/** Throws `bad-request` where the directory holds something. */
export async function refuseFilled(directory: string): Promise<void> {
  const target = resolve(directory);
  const held = await readdir(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw writeError(target, cause);
  });
  if (held.length > 0) {
    throw new StudioError(
      'bad-request',
      `${target} is not empty. Choose a new directory, or empty it first: nothing is overwritten.`,
      { details: { file: target } },
    );
  }
}

export async function directoryOutput(directory: string): Promise<OutputFolder> {
  await refuseFilled(directory);
  const target = resolve(directory);
  const draft = join(
    dirname(target),
    `.${basename(target)}.partial-${process.pid}-${crypto.randomUUID().slice(0, 8)}`,
  );
  await mkdir(draft, { recursive: true }).catch((cause: unknown) => Promise.reject(writeError(draft, cause)));
  let current: FileHandle | null = null;

  return {
    label: target,
    async create(path, signal) {
      throwIfCancelled(signal);
      const full = join(draft, ...pathSegments(path));
      await mkdir(dirname(full), { recursive: true });
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
    },
    async discard() {
      await current?.close().catch(() => undefined);
      return rm(draft, { recursive: true, force: true }).then(
        () => [],
        () => [draft],
      );
    },
  };
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
