/** Finds the folders of a trio: beside a manifest, picked by a person, or in repositories of the Hub. */
import { StudioError } from '../../../core/errors.ts';
import type { HubSource, PartSource, TrioSource } from '../../../protocol/session.ts';
import type { ModelFolder } from '../../io/contract.ts';
import { pickedFolder } from '../../io/folders/picked-folder.ts';
import { readTextFile } from './data-set.ts';
import { parseManifest, type Manifest } from './manifest.ts';
import { blamedFolder, together, type PerRole } from '../roles.ts';

export interface TrioFolders {
  readonly label: string;
  readonly folders: PerRole<ModelFolder>;
  readonly manifest: Manifest | null;
  /** Where the manifest's data sets are. */
  readonly beside: ModelFolder | null;
}

/** The folder of a manifest and its file name in there. */
export type OpenManifest = (url: string) => { readonly folder: ModelFolder; readonly file: string };

export interface TrioPlaces {
  readonly openManifest: OpenManifest;
  /** Absent where there is no network to be used. */
  readonly openHub?: (source: HubSource, signal: AbortSignal) => Promise<ModelFolder>;
  /** Told how many bytes of weights will be wanted from the Hub. */
  readonly expect?: (bytes: number) => void;
}

export async function findTrio(
  source: TrioSource,
  places: TrioPlaces,
  signal: AbortSignal,
): Promise<TrioFolders> {
  switch (source.kind) {
    case 'manifest':
    case 'manifest-folder': {
      const { folder, file } =
        source.kind === 'manifest'
          ? places.openManifest(source.url)
          : { folder: pickedFolder(source.folder), file: 'manifest.json' };
      const manifest = parseManifest(await readTextFile(folder, file, signal), file);
      const { base, vlm, lrm } = manifest.models;
      return {
        label: manifest.name,
        folders: { base: inside(folder, base), vlm: inside(folder, vlm), lrm: inside(folder, lrm) },
        manifest,
        beside: folder,
      };
    }
    case 'folders':
    case 'parts': {
      const folders = await together(signal, async (role, both) =>
        blamedFolder(role, await partFolder(source[role], places, both)),
      );
      return { label: `${folders.vlm.label} + ${folders.lrm.label}`, folders, manifest: null, beside: null };
    }
    default:
      source satisfies never;
      throw new StudioError(
        'bad-request',
        'Models are opened from a manifest, from folders or from the Hub.',
      );
  }
}

async function partFolder(
  part: PartSource,
  { openHub }: TrioPlaces,
  signal: AbortSignal,
): Promise<ModelFolder> {
  if (!('kind' in part)) return pickedFolder(part);
  if (!openHub)
    throw new StudioError('unsupported', 'Nothing can be loaded from the Hub here.', {
      details: { file: part.repo },
    });
  return openHub(part, signal);
}

function inside(folder: ModelFolder, path: string): ModelFolder {
  const { list } = folder;
  const begin = `${path}/`;
  return {
    label: path,
    remote: folder.remote ?? false,
    open: (file, signal) => folder.open(begin + file, signal),
    ...(list && {
      list: async (signal?: AbortSignal) => {
        const { files, passedOver } = await list(signal);
        const below = (name: string) => name.startsWith(begin) && name !== begin;
        return {
          files: files.filter(below).map((file) => file.slice(begin.length)),
          passedOver: passedOver
            .filter(({ name }) => below(name))
            .map(({ name, why }) => ({ name: name.slice(begin.length), why })),
        };
      },
    }),
  };
}
