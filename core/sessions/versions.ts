/**
 * The version of stored sessions, and the way from older ones to it. A session lies in a browser for months and in
 * files for longer, so what is stored once must stay readable.
 *
 * A new part of a session needs no new version: a session without it is read as if nothing of it had been kept. A
 * part that is stored in another form does.
 */
import { StudioError } from '../errors.ts';

export const sessionVersion = 1;

/** The parts of a session as they were stored, by name, not checked yet. */
export type StoredParts = Readonly<Record<string, unknown>>;

/** Turns the parts of one version into those of the next; at index v the step from version v. */
export type SessionMigration = (parts: StoredParts) => StoredParts;

const migrations: Readonly<Record<number, SessionMigration>> = {};

/** Parts of the present version. Throws `unsupported` for a version that is newer, or that nobody can read any more. */
export function presentParts(
  version: number,
  parts: StoredParts,
  known: Readonly<Record<number, SessionMigration>> = migrations,
  current = sessionVersion,
): StoredParts {
  if (version > current)
    throw new StudioError(
      'unsupported',
      `The session was stored by a newer studio: it has version ${version}, and this studio reads up to ${current}. Open it there.`,
      { details: { value: version } },
    );
  let present = parts;
  for (let at = version; at < current; at += 1) {
    const step = known[at];
    if (!step)
      throw new StudioError('unsupported', `Sessions of version ${at} can no longer be read.`, {
        details: { value: at },
      });
    present = step(present);
  }
  return present;
}
