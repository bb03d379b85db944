/**
 * Sessions as they come from the shelf: which one a tab begins with, and reading one. What is damaged, or of another
 * version of the studio, is set aside; what the browser refuses to read stays as it is, for it may be sound.
 */
import { StudioError } from '../../../core/errors.ts';
import { sessionVersion } from '../../../core/sessions/versions.ts';
import { toPlainError } from '../../../protocol/wire.ts';
import type { WaitingSession } from './keeping-state.ts';
import type { KeptFolders } from './kept-folders.ts';
import type { KeptSession } from './parts.ts';
import { isAside } from './shelf-entry.ts';
import type { FoundSession, Shelf, ShelfEntry } from './shelf.ts';

interface Candidate {
  readonly entry: ShelfEntry | null;
  /** Why it is not the session that the tab would have. */
  readonly said: string | null;
}

/** The session of this tab, or the one that was stored last. */
export async function candidate(from: Shelf, recents: readonly ShelfEntry[]): Promise<Candidate> {
  const sound = recents.filter((entry) => !isAside(entry));
  const mine = from.mine();
  const entry = sound.find(({ id }) => id === mine) ?? sound[0];
  if (!entry) return { entry: null, said: null };
  if (await from.hold(entry.id)) return { entry, said: null };
  return {
    entry: null,
    said: `“${entry.name}” is open in another tab. This tab begins a session of its own, and neither changes the other.`,
  };
}

interface ReadSession {
  readonly kept: KeptSession;
  readonly values: FoundSession['values'];
  readonly folders: KeptFolders | null;
  readonly waiting: WaitingSession;
}

/**
 * Throws where it is not to be had, with what a person reads.
 * @param changed called once it was set aside
 * @param mayAsk a person has clicked just now, and can be asked for leave to read its folders
 */
export async function readStored(
  from: Shelf,
  { id, name }: ShelfEntry,
  changed: () => Promise<unknown>,
  mayAsk: boolean,
): Promise<ReadSession> {
  const { keptOf, foreignWaiting, readKeptFolders, waitingOf } = await import('./kept-session.ts');
  const found = await from.read(id).catch((thrown: unknown) => {
    throw new StudioError(
      'internal',
      `“${name}” could not be read from the browser: ${toPlainError(thrown).message} It stays there, under “Open models”, where it can be opened again.`,
      { cause: thrown },
    );
  });
  if (!found) throw new StudioError('missing', `“${name}” is not in this browser any more.`);
  try {
    const kept = keptOf(found);
    const folders = readKeptFolders(found.folders);
    const waiting = found.session.foreign
      ? foreignWaiting(id, name, kept)
      : await waitingOf(id, name, kept, folders, mayAsk);
    return { kept, values: found.values, folders, waiting };
  } catch (thrown) {
    const { code, message: why } = toPlainError(thrown);
    if (code !== 'bad-file' && code !== 'unsupported') throw thrown;
    await from.amend(id, {
      aside: { why, version: sessionVersion, ...(code === 'unsupported' && { code }) },
    });
    await changed();
    throw new StudioError(
      code,
      `“${name}” is set aside: ${why} It stays in this browser, under “Open models”, where it can be deleted.`,
      { cause: thrown },
    );
  }
}
