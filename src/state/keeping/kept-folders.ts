/**
 * The folders of a session from one visit to the next. The browser keeps a handle to each beside the session; reading
 * through it may take a person's leave, and that a click. Nothing of it is ever in a file.
 */
import * as v from 'valibot';
import { roles } from '../../../core/family/trio.ts';
import { toPlainError } from '../../../protocol/wire.ts';
import type { FolderSource, TrioSource } from '../../../protocol/session.ts';
import { askToRead, permissionOf, readFolder } from '../folder-handles.ts';
import { originOf, type FolderOrigin } from '../folder-origins.ts';
import { text } from './shapes.ts';
import type { ByPlace, KeptTrio, Place } from './source.ts';

/** How the folders of a session are read again. */
export type KeptFolders = ByPlace<FolderOrigin>;

const isDirectory = (value: unknown): value is FileSystemDirectoryHandle =>
  typeof FileSystemDirectoryHandle === 'undefined'
    ? typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'directory'
    : value instanceof FileSystemDirectoryHandle;

const origin = v.exactOptional(
  v.strictObject({
    handle: v.custom<FileSystemDirectoryHandle>(isDirectory, 'A folder has no handle.'),
    inside: text(5000),
  }),
);
const shape = v.strictObject({ trio: origin, base: origin, vlm: origin, lrm: origin });

/** What a browser's storage gives back; null for what was not stored by the studio. */
export function readKeptFolders(stored: unknown): KeptFolders | null {
  const read = v.safeParse(shape, stored);
  return read.success ? read.output : null;
}

/** Null where no folder of the source came with a handle. */
export function keptFolders(source: TrioSource | null): KeptFolders | null {
  const folders = Object.entries(foldersOf(source)).flatMap(([place, folder]) => {
    const known = originOf(folder);
    return known ? [[place, { handle: known.handle, inside: known.inside }] as const] : [];
  });
  return folders.length > 0 ? Object.fromEntries(folders) : null;
}

function foldersOf(source: TrioSource | null): ByPlace<FolderSource> {
  if (source?.kind === 'manifest-folder') return { trio: source.folder };
  if (source === null || source.kind === 'manifest') return {};
  return Object.fromEntries(
    roles.flatMap((role) => ('kind' in source[role] ? [] : [[role, source[role]] as const])),
  );
}

/** The names of the folders that a session is of. */
function labelsOf(kept: KeptTrio): ByPlace<string> {
  if (kept.kind === 'manifest-folder') return { trio: kept.folder.label };
  if (kept.kind !== 'parts') return {};
  return Object.fromEntries(
    roles.flatMap((role) => {
      const model = kept[role];
      return 'kind' in model ? [] : [[role, model.label] as const];
    }),
  );
}

export interface FoldersAgain {
  /** All of them, or none. */
  readonly found: ByPlace<FolderSource>;
  /** Names of those that can be read once a person allows it by a click. */
  readonly toAllow: readonly string[];
  /** Why a folder cannot be read though it was known how, as a sentence; null where that is not so. */
  readonly why: string | null;
}

const notKnown: FoldersAgain = { found: {}, toAllow: [], why: null };

/** @param mayAsk a person has clicked just now, and can be asked */
export async function readAgain(
  trio: KeptTrio,
  kept: KeptFolders | null,
  mayAsk: boolean,
): Promise<FoldersAgain> {
  const wanted = Object.entries(labelsOf(trio)).flatMap(([place, label]) => {
    const known = kept?.[place as Place];
    return known ? [{ place, label, origin: known }] : [];
  });
  if (wanted.length === 0 || wanted.length < Object.keys(labelsOf(trio)).length) return notKnown;
  try {
    // All at once, for a click counts for a few seconds; the browser asks about one folder once.
    const handles = [...new Set(wanted.map(({ origin: { handle } }) => handle))];
    const states = new Map(
      await Promise.all(
        handles.map(async (handle) => {
          const state = await permissionOf(handle);
          return [handle, state === 'prompt' && mayAsk ? await askToRead(handle) : state] as const;
        }),
      ),
    );
    const names = (state: PermissionState): readonly string[] =>
      wanted.filter(({ origin: { handle } }) => states.get(handle) === state).map(({ label }) => label);
    const denied = names('denied');
    if (denied.length > 0)
      return {
        ...notKnown,
        why: `The browser is set not to let this page read ${quoted(denied)}. Allow it in the browser’s settings of this site and reload.`,
      };
    const toAllow = names('prompt');
    if (toAllow.length > 0) return { ...notKnown, toAllow };
    const found = await Promise.all(
      wanted.map(async ({ place, label, origin: known }) => [place, await readFolder(known, label)] as const),
    );
    return { ...notKnown, found: Object.fromEntries(found) };
  } catch (thrown) {
    return { ...notKnown, why: toPlainError(thrown).message };
  }
}

export const quoted = (labels: readonly string[]): string => labels.map((label) => `“${label}”`).join(', ');
