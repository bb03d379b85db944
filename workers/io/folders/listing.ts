/** What a folder holds, near enough to its top to be of use: its own files and those of its subfolders. */
import type { PassedOver } from '../../../core/reading/folder-rules.ts';
import type { FolderListing } from '../contract.ts';

/** More belong to no model; the rest of them is not looked at, and that is said. */
export const mostListed = 5_000;

const ignored = new Set(['node_modules', '__pycache__']);

/** Why a subfolder is not looked into, or null. */
export function whyNotInto(name: string, depth: number): string | null {
  if (name.startsWith('.')) return 'a hidden folder';
  if (ignored.has(name)) return 'a folder of programs';
  return depth > 1 ? 'a folder below a subfolder' : null;
}

/** The listing of a folder whose files' paths are all known. */
export function listPaths(paths: Iterable<string>): FolderListing {
  const files: string[] = [];
  const passedOver = new Map<string, PassedOver>();
  for (const path of paths) {
    if (files.length === mostListed) {
      passedOver.set('…', tooMany);
      break;
    }
    const segments = path.split('/');
    const folders = segments.slice(0, -1);
    const at = folders.findIndex((name, i) => whyNotInto(name, i + 1) !== null);
    const why = at < 0 ? null : whyNotInto(folders[at] ?? '', at + 1);
    if (why === null) files.push(path);
    else {
      const name = `${folders.slice(0, at + 1).join('/')}/`;
      passedOver.set(name, { name, why });
    }
  }
  return { files: files.sort(), passedOver: [...passedOver.values()] };
}

export const tooMany: PassedOver = {
  name: '…',
  why: `the folder holds more than ${mostListed} files, and no more were looked at`,
};
