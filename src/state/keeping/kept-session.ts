/**
 * Reading, writing and putting back sessions, with the shapes that they are held against: as one piece of code, which
 * is fetched once there is something to keep or to read.
 */
import { StudioError } from '../../../core/errors.ts';
import { unpack } from '../../../core/sessions/packing.ts';
import { presentParts, type StoredParts } from '../../../core/sessions/versions.ts';
import type { WaitingSession } from './keeping-state.ts';
import { checkParts, type KeptSession } from './parts.ts';
import type { FoundSession } from './shelf.ts';
import { describeSource, foundSource } from './source.ts';

export { keepAll, misfitOf, restoreAll } from './parts.ts';
export { readSessionFile, writeSessionFile } from './session-file.ts';

/** Throws where it is not as this studio, or an earlier one, has stored it. */
export function keptOf({ session, values }: FoundSession): KeptSession {
  const parts = unpack(session.parts, (number) => values.get(number) ?? null);
  if (typeof parts !== 'object' || parts === null)
    throw new StudioError('bad-file', 'The stored session has no parts. Open the models anew.');
  return checkParts(presentParts(session.version, parts as StoredParts));
}

export function waitingOf(
  id: string | null,
  name: string,
  { models }: KeptSession,
  foreign: boolean,
): WaitingSession {
  const found = foundSource(models.source, foreign ? 'file' : 'browser');
  const source = 'source' in found ? found.source : null;
  if (foreign)
    return {
      id,
      name,
      source,
      foreign,
      why: `It is of ${describeSource(models.source)}.${source ? '' : ' Choose these models, and it is put back.'}`,
    };
  const missing = 'missing' in found ? found.missing.map((label) => `“${label}”`).join(', ') : '';
  return {
    id,
    name,
    source,
    foreign,
    why: source
      ? null
      : `The browser cannot read ${missing} by itself. Choose the same models again, and everything else is put back.`,
  };
}
