/**
 * Reading, writing and putting back sessions, with the shapes that they are held against: as one piece of code, which
 * is fetched once there is something to keep or to read.
 */
import { StudioError } from '../../../core/errors.ts';
import { unpack } from '../../../core/sessions/packing.ts';
import { presentParts, type StoredParts } from '../../../core/sessions/versions.ts';
import { quoted, readAgain, type KeptFolders } from './kept-folders.ts';
import type { WaitingSession } from './keeping-state.ts';
import { checkParts, type KeptSession } from './parts.ts';
import type { FoundSession } from './shelf.ts';
import { describeSource, foundSource } from './source.ts';

export { keptFolders, readKeptFolders } from './kept-folders.ts';
export { keepAll, misfitOf, restoreAll } from './parts.ts';
export { readSessionFile, writeSessionFile } from './session-file.ts';

/** Throws where it is not as this studio, or an earlier one, has stored it. */
export function keptOf({ session, values }: FoundSession): KeptSession {
  const parts = unpack(session.parts, (number) => values.get(number) ?? null);
  if (typeof parts !== 'object' || parts === null)
    throw new StudioError('bad-file', 'The stored session has no parts. Open the models anew.');
  return checkParts(presentParts(session.version, parts as StoredParts));
}

/** A session that came in a file. */
export function foreignWaiting(id: string | null, name: string, { models }: KeptSession): WaitingSession {
  const found = foundSource(models.source, 'file');
  const source = 'source' in found ? found.source : null;
  const why = `It is of ${describeSource(models.source)}.${source ? '' : ' Choose these models, and it is put back.'}`;
  return { id, name, source, toAllow: [], foreign: true, why };
}

/** @param mayAsk a person has clicked just now, and can be asked for leave to read its folders */
export async function waitingOf(
  id: string | null,
  name: string,
  { models }: KeptSession,
  folders: KeptFolders | null,
  mayAsk: boolean,
): Promise<WaitingSession> {
  const { found: again, toAllow, why } = await readAgain(models.source, folders, mayAsk);
  const found = foundSource(models.source, 'browser', again);
  const common = { id, name, toAllow, foreign: false };
  if ('source' in found) return { ...common, source: found.source, why: null };
  if (toAllow.length > 0)
    return {
      ...common,
      source: null,
      why: `The browser asks you before this page reads ${quoted(toAllow)} again.`,
    };
  return {
    ...common,
    source: null,
    why: `${why ?? `The browser cannot read ${quoted(found.missing)} by itself.`} Choose the same models again, and everything else is put back.`,
  };
}
