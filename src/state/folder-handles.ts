/** Folders behind handles that the browser gave: whether they may be read, and reading them. */
import { StudioError } from '../../core/errors.ts';
import type { FolderSource } from '../../protocol/session.ts';
import { withOrigin, type FolderOrigin } from './folder-origins.ts';

/** What browsers have and their types do not say yet. */
interface PermittedHandle {
  queryPermission?(wish: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(wish: { mode: 'read' }): Promise<PermissionState>;
}
type Listed = AsyncIterable<FileSystemDirectoryHandle | FileSystemFileHandle>;
type FoundFile = FolderSource['files'][number];

/** A folder with more is no model, but somebody's home. */
const mostFiles = 20_000;
/** A model lies less deep. */
const mostDepth = 24;

/** Whether a folder may be read now. One of the page's own is always allowed, and may know no permissions. */
export async function permissionOf(handle: FileSystemDirectoryHandle): Promise<PermissionState> {
  const permitted = handle as PermittedHandle;
  return (await permitted.queryPermission?.({ mode: 'read' })) ?? 'granted';
}

/** Asks the person, who must have clicked just now; where they have not, nobody is asked. */
export async function askToRead(handle: FileSystemDirectoryHandle): Promise<PermissionState> {
  const permitted = handle as PermittedHandle;
  try {
    return (await permitted.requestPermission?.({ mode: 'read' })) ?? 'granted';
  } catch {
    return permissionOf(handle);
  }
}

async function filesUnder(
  directory: FileSystemDirectoryHandle,
  prefix = '',
  found: FoundFile[] = [],
  depth = 0,
): Promise<FoundFile[]> {
  for await (const entry of (directory as unknown as { values(): Listed }).values()) {
    if (found.length > mostFiles || depth > mostDepth)
      throw new StudioError(
        'unsupported',
        `The folder “${directory.name}” holds more than ${mostFiles} files, or folders that lie more than ${mostDepth} deep. Choose the folder of a model.`,
      );
    const path = prefix + entry.name;
    if (entry.kind === 'directory') await filesUnder(entry, `${path}/`, found, depth + 1);
    else found.push({ path, file: await entry.getFile() });
  }
  return found;
}

/** Every file in it. Throws `missing` where the folder is not there any more, or holds nothing. */
export async function readFolder({ handle, inside }: FolderOrigin, label: string): Promise<FolderSource> {
  let files: FoundFile[];
  try {
    let directory = handle;
    for (const name of inside.split('/').filter(Boolean))
      directory = await directory.getDirectoryHandle(name);
    files = await filesUnder(directory);
  } catch (thrown) {
    if (thrown instanceof StudioError) throw thrown;
    const gone = thrown instanceof Error && thrown.name === 'NotFoundError';
    const why = gone ? '' : ` (${thrown instanceof Error ? thrown.message : String(thrown)})`;
    throw new StudioError(
      'missing',
      gone ? `The folder “${label}” is no longer where it was.` : `“${label}” cannot be read${why}.`,
      { cause: thrown },
    );
  }
  if (files.length === 0) throw new StudioError('missing', `The folder “${label}” is empty.`);
  return withOrigin({ label, files }, { handle, inside });
}
