/** The sessions of this browser that are not on the page: listed, opened, renamed, deleted and had back. */
import { toPlainError } from '../../protocol/wire.ts';
import { refused } from './actions/action.ts';
import { sessionActions } from './actions/session-actions.ts';
import type { SliceContext } from './context.ts';
import { tidyName } from './keeping/shelf-entry.ts';
import type { FoundSession, Shelf, ShelfEntry } from './keeping/shelf.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'recents' | 'deletedRecent'> &
  Pick<StudioActions, 'listRecents' | 'openRecent' | 'renameRecent' | 'deleteRecent' | 'bringBackRecent'>;

interface RecentsHands {
  readonly shelf: Shelf | null;
  readonly openStored: (entry: ShelfEntry) => Promise<void>;
}

export function createRecentsSlice({ set, get }: SliceContext, { shelf, openStored }: RecentsHands): Part {
  /** What `deletedRecent` was: one session at most, until another is deleted or it is had back. */
  let deleted: FoundSession | null = null;

  /** Does something with a session that no other tab has, and says what goes wrong. */
  async function withHeld(
    id: string,
    work: (from: Shelf, entry: ShelfEntry) => Promise<void>,
  ): Promise<void> {
    if (!shelf) return;
    try {
      const entry = (await shelf.list()).find((other) => other.id === id);
      if (!entry) get().notify('warning', 'This session is not in the browser any more.');
      else if (!(await shelf.hold(id)))
        get().notify('warning', `“${entry.name}” is open in another tab. Close it there first.`);
      else await work(shelf, entry);
    } catch (thrown) {
      get().notify('error', toPlainError(thrown).message);
    }
    const { keeping } = get();
    if (id !== keeping.id && id !== keeping.waiting?.id) shelf.release(id);
    await list();
  }

  async function list(): Promise<void> {
    try {
      if (shelf) set({ recents: await shelf.list() });
    } catch {
      // A browser that stores nothing has said so when the page began.
      set({ recents: [] });
    }
  }

  return {
    recents: null,
    deletedRecent: null,
    listRecents: list,

    async openRecent(id) {
      if (refused(get(), sessionActions.openRecent, id)) return;
      await withHeld(id, (_, entry) => openStored(entry));
    },
    async renameRecent(id, given) {
      const name = tidyName(given);
      const { keeping } = get();
      if (name === '' || refused(get(), sessionActions.renameRecent, { id, name })) return;
      if (keeping.waiting?.id === id) set({ keeping: { ...keeping, waiting: { ...keeping.waiting, name } } });
      if (keeping.id === id) {
        set({ keeping: { ...keeping, name } });
        await get().storeNow();
      }
      await withHeld(id, (from) => from.amend(id, { name }));
    },
    async deleteRecent(id, final) {
      if (refused(get(), sessionActions.deleteRecent, id)) return;
      await withHeld(id, async (from, entry) => {
        // One that the browser cannot read cannot be had back either.
        deleted = final ? null : await from.read(id).catch(() => null);
        if (get().keeping.waiting?.id === id) get().leaveWaiting();
        await from.remove(id);
        set({ deletedRecent: deleted && entry });
        if (final) return;
        get().notify(
          'info',
          `“${entry.name}” was deleted${deleted ? '' : ', and cannot be had back: the browser could not read it'}.`,
          deleted ? 'bringBackRecent' : undefined,
        );
      });
    },
    async bringBackRecent() {
      const { deletedRecent: entry } = get();
      if (refused(get(), sessionActions.bringBackRecent) || !shelf || !entry || !deleted) return;
      try {
        await shelf.write(deleted.session, deleted.values, []);
        if (deleted.folders) await shelf.writeFolders(entry.id, deleted.folders).catch(() => undefined);
        if (entry.aside) await shelf.amend(entry.id, { aside: entry.aside });
        deleted = null;
        set({ deletedRecent: null });
        get().notify('info', `“${entry.name}” is back.`);
      } catch (thrown) {
        get().notify('error', `“${entry.name}” could not be brought back: ${toPlainError(thrown).message}`);
      }
      await list();
    },
  };
}
