/** Where models came from, as a session keeps it, and the way back to them. */
import * as v from 'valibot';
import { linearKinds } from '../../../core/family/linear-kinds.ts';
import { roles, type Role } from '../../../core/family/trio.ts';
import type { FolderSource, HubSource, PartSource, TrioSource } from '../../../protocol/session.ts';
import { demoSource, isDemo } from '../demo-source.ts';
import { list, text, whole } from './shapes.ts';

const folderShape = v.strictObject({ label: text(500) });
const hubShape = v.strictObject({
  kind: v.literal('hub'),
  repo: text(500),
  revision: text(500),
  endpoint: v.exactOptional(text(2000)),
});
const partShape = v.union([hubShape, folderShape]);

const common = {
  selection: v.exactOptional(
    v.strictObject({
      layers: v.nullable(list(whole(9999), 10_000)),
      kinds: v.nullable(list(v.picklist(linearKinds), 100)),
    }),
  ),
};

export const trioShape = v.variant('kind', [
  v.strictObject({ kind: v.literal('demo'), ...common }),
  v.strictObject({ kind: v.literal('manifest'), url: text(2000), ...common }),
  v.strictObject({ kind: v.literal('manifest-folder'), folder: folderShape, ...common }),
  v.strictObject({ kind: v.literal('parts'), base: partShape, vlm: partShape, lrm: partShape, ...common }),
]);

type KeptFolder = v.InferOutput<typeof folderShape>;
type KeptModel = v.InferOutput<typeof partShape>;
export type KeptTrio = v.InferOutput<typeof trioShape>;

/** Whose folder it is: that of one model, or the one of a manifest with all of them. */
export type Place = Role | 'trio';
export type ByPlace<T> = Readonly<Partial<Record<Place, T>>>;

const isHub = (source: PartSource): source is HubSource => 'kind' in source;

const keptFolder = ({ label }: FolderSource): KeptFolder => ({ label });

/** By name, so that a token never slips along. */
const keptModel = (source: PartSource): KeptModel =>
  isHub(source)
    ? {
        kind: 'hub',
        repo: source.repo,
        revision: source.revision,
        ...(source.endpoint !== undefined && { endpoint: source.endpoint }),
      }
    : keptFolder(source);

export function keptSource(source: TrioSource | null): KeptTrio {
  if (source === null) return { kind: 'demo' };
  const { selection } = source;
  const chosen = selection
    ? {
        selection: {
          layers: selection.layers && [...selection.layers],
          kinds: selection.kinds && [...selection.kinds],
        },
      }
    : {};
  switch (source.kind) {
    case 'manifest':
      // The demo stays the demo where the studio moves to another address.
      return isDemo(source) ? { kind: 'demo', ...chosen } : { kind: 'manifest', url: source.url, ...chosen };
    case 'manifest-folder':
      return { kind: 'manifest-folder', folder: keptFolder(source.folder), ...chosen };
    case 'folders':
    case 'parts':
      return {
        kind: 'parts',
        base: keptModel(source.base),
        vlm: keptModel(source.vlm),
        lrm: keptModel(source.lrm),
        ...chosen,
      };
    default:
      return source satisfies never;
  }
}

/** `missing`: names of folders that a person must hand over again; they take them through the dialog. */
export type FoundTrio = { readonly source: TrioSource } | { readonly missing: readonly string[] };

/**
 * @param from where it was kept. A manifest's address that a file brings is opened only on the studio's own server:
 * nobody else's file decides what this page fetches.
 * @param folders those that were read again
 */
export function foundSource(
  kept: KeptTrio,
  from: 'browser' | 'file',
  folders: ByPlace<FolderSource> = {},
): FoundTrio {
  const chosen = kept.selection ? { selection: kept.selection } : {};
  switch (kept.kind) {
    case 'demo':
      return { source: { ...demoSource(), ...chosen } };
    case 'manifest':
      return from === 'file' && !isOwn(kept.url)
        ? { missing: [kept.url] }
        : { source: { kind: 'manifest', url: kept.url, ...chosen } };
    case 'manifest-folder':
      return folders.trio
        ? { source: { kind: 'manifest-folder', folder: folders.trio, ...chosen } }
        : { missing: [kept.folder.label] };
    case 'parts': {
      const sourceOf = (role: Role): PartSource | null => {
        const model = kept[role];
        return 'kind' in model ? model : (folders[role] ?? null);
      };
      const [base, vlm, lrm] = [sourceOf('base'), sourceOf('vlm'), sourceOf('lrm')];
      if (base && vlm && lrm) return { source: { kind: 'parts', base, vlm, lrm, ...chosen } };
      return { missing: roles.flatMap((role) => ('kind' in kept[role] ? [] : [kept[role].label])) };
    }
    default:
      return kept satisfies never;
  }
}

function isOwn(url: string): boolean {
  try {
    return new URL(url, document.baseURI).origin === new URL(document.baseURI).origin;
  } catch {
    return false;
  }
}

const describeModel = (model: KeptModel): string =>
  'kind' in model
    ? `${model.repo} (${model.revision}) ${model.endpoint === undefined ? 'of the Hub' : `at ${model.endpoint}`}`
    : `the folder “${model.label}”`;

/** As in “the demo trio”; fits behind “of”. */
export function describeSource(kept: KeptTrio): string {
  switch (kept.kind) {
    case 'demo':
      return 'the demo trio';
    case 'manifest':
      return `the models at ${kept.url}`;
    case 'manifest-folder':
      return `the models in the folder “${kept.folder.label}”`;
    case 'parts':
      return [kept.base, kept.vlm, kept.lrm].map(describeModel).join(', ');
    default:
      return kept satisfies never;
  }
}
