/**
 * How a folder that a person handed over is read again on a later visit: the handle that the browser gave with it,
 * and which folder in it is meant. A folder that came without a handle has none.
 */
import type { FolderSource } from '../../protocol/session.ts';

export interface FolderOrigin {
  readonly handle: FileSystemDirectoryHandle;
  /** Path of the folder below that of the handle, with forward slashes; empty for the folder itself. */
  readonly inside: string;
}

/** The engine is handed folders and never a handle: what belongs to a folder stands beside it. */
const origins = new WeakMap<FolderSource, FolderOrigin>();

export const originOf = (folder: FolderSource): FolderOrigin | null => origins.get(folder) ?? null;

/** The same folder, known by where it came from. */
export function withOrigin(folder: FolderSource, origin: FolderOrigin | null): FolderSource {
  if (origin) origins.set(folder, origin);
  return folder;
}

/** @param made the folder at `path` in `folder` */
export function inFolder(folder: FolderSource, path: string, made: FolderSource): FolderSource {
  const origin = originOf(folder);
  return withOrigin(
    made,
    origin && { handle: origin.handle, inside: origin.inside === '' ? path : `${origin.inside}/${path}` },
  );
}
