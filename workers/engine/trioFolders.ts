/** Where a trio's files are: folders beside a manifest, or three folders that a person picked. */
import { StudioError } from '../../src/core/errors.ts';
import type { Role, TrioSource } from '../../src/protocol/session.ts';
import type { ModelFolder } from '../io/contract.ts';
import { pickedFolder } from '../io/picked-folder.ts';
import { readTextFile } from './dataSet.ts';
import { parseManifest, type Manifest } from './manifest.ts';

export interface TrioFolders {
  readonly label: string;
  readonly folders: Readonly<Record<Role, ModelFolder>>;
  readonly manifest: Manifest | null;
  /** Where the manifest's data sets are. */
  readonly beside: ModelFolder | null;
}

/** The folder of a manifest and its file name in there. */
export type OpenManifest = (url: string) => { readonly folder: ModelFolder; readonly file: string };

export async function findTrio(source: TrioSource, openManifest: OpenManifest, signal: AbortSignal): Promise<TrioFolders> {
  switch (source.kind) {
    case 'manifest': {
      const { folder, file } = openManifest(source.url);
      const manifest = parseManifest(await readTextFile(folder, file, signal), file);
      const { base, vlm, lrm } = manifest.models;
      return { label: manifest.name, folders: { base: inside(folder, base), vlm: inside(folder, vlm), lrm: inside(folder, lrm) }, manifest, beside: folder };
    }
    case 'folders': {
      const { base, vlm, lrm } = source;
      const folders = { base: pickedFolder(base), vlm: pickedFolder(vlm), lrm: pickedFolder(lrm) };
      return { label: `${vlm.label} + ${lrm.label}`, folders, manifest: null, beside: null };
    }
    default:
      source satisfies never;
      throw new StudioError('bad-request', 'Models are opened from a manifest or from three folders.');
  }
}

function inside(folder: ModelFolder, path: string): ModelFolder {
  return { label: path, open: (file, signal) => folder.open(`${path}/${file}`, signal) };
}
