/** A folder that a person picked or dropped, as the engine takes it: paths relative to the folder itself. */
import type { Role } from '../../../core/family/trio.ts';
import {
  adapterStandsIn,
  findOther,
  modelsInside,
  remedyWithoutConfig,
} from '../../../core/reading/other-weights.ts';
import type { FolderSource } from '../../../protocol/session.ts';
import { readFolder } from '../../state/folder-handles.ts';
import { withOrigin } from '../../state/folder-origins.ts';

/** From `<input webkitdirectory>`: every path begins with the folder's own name. */
export function folderFromInput(files: readonly File[]): FolderSource | null {
  const [first] = files;
  if (!first) return null;
  const label = first.webkitRelativePath.split('/')[0] || first.name;
  return {
    label,
    files: files.map((file) => ({
      path: file.webkitRelativePath.split('/').slice(1).join('/') || file.name,
      file,
    })),
  };
}

/** One that was dropped, known by the handle that came with it. */
export const folderFromDrop = ({
  label,
  files,
  handle,
}: FolderSource & { readonly handle: FileSystemDirectoryHandle | null }): FolderSource =>
  withOrigin({ label, files }, handle && { handle, inside: '' });

/** One that was chosen in a picker which gives a handle. Throws where it cannot be read. */
export const folderFromHandle = (handle: FileSystemDirectoryHandle): Promise<FolderSource> =>
  readFolder({ handle, inside: '' }, handle.name);

/**
 * What is plainly wrong with a folder in the place of `role` before the engine reads a byte of it, in a
 * sentence, or null.
 */
export function obviousProblem(folder: FolderSource, role: Role): string | null {
  const paths = folder.files.map(({ path }) => path);
  // A LoRA adapter has a config of its own; it can stand in for the reasoning model. Beside a whole model it is not applied.
  if (paths.includes('adapter_config.json') && paths.includes('adapter_model.safetensors')) {
    if (role === 'lrm') return null;
    if (!paths.includes('config.json') || !paths.some((path) => /^model.*\.safetensors$/.test(path)))
      return `“${folder.label}” holds a LoRA adapter and no whole model. ${adapterStandsIn}`;
  }
  if (!paths.includes('config.json'))
    return `There is no config.json in “${folder.label}”. ${remedyWithoutConfig(paths)}`;
  const own = paths.filter((path) => !path.includes('/'));
  if (own.some((path) => path.endsWith('.safetensors'))) return null;
  const other = findOther(own);
  return other
    ? `“${folder.label}” holds no .safetensors file. It holds ${other.sentence}`
    : `“${folder.label}” holds no .safetensors file. ${modelsInside(paths) ?? 'Download the weights beside config.json, or choose the folder that has them.'}`;
}
