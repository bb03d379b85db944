/** What the studio takes of the browser's storage, clearing it, and asking the browser to keep it. */
import { toPlainError } from '../../protocol/wire.ts';
import { refused } from './actions/action.ts';
import { storageActions } from './actions/storage-actions.ts';
import type { BrowserStorage, StoragePlace } from './browser-storage.ts';
import type { SliceContext } from './context.ts';
import type { Shelf } from './keeping/shelf.ts';
import type { StorageActions, StorageState } from './storage-state.ts';

interface StorageHands {
  readonly shelf: Shelf | null;
  readonly storage: BrowserStorage | null;
}

export interface StorageKeeping {
  readonly part: StorageState & StorageActions;
  /** There is work to keep: asks, once, that the browser keeps it where space runs out. */
  askToKeep(): void;
}

export function createStorageSlice(
  { set, get }: SliceContext,
  { shelf, storage }: StorageHands,
): StorageKeeping {
  let asked = false;
  const say = (part: Partial<StorageState['storage']>): void =>
    set((state) => ({ storage: { ...state.storage, ...part } }));

  async function look(): Promise<void> {
    if (!storage) return say({ status: 'ready' });
    if (get().storage.status === 'idle') say({ status: 'looking' });
    try {
      const [places, sessions, estimate, persisted] = await Promise.all([
        storage.sizes(),
        shelf ? shelf.sizes() : new Map<string, number>(),
        storage.estimate(),
        storage.persisted(),
      ]);
      await get().listRecents();
      say({ status: 'ready', error: null, places, sessions, ...estimate, persisted });
    } catch (thrown) {
      say({ status: 'ready', error: toPlainError(thrown).message });
    }
  }

  /** @param work gives the number of files that stay */
  async function clear(done: string, work: (from: BrowserStorage) => Promise<number>): Promise<void> {
    if (!storage) return;
    say({ status: 'clearing' });
    try {
      const left = await work(storage);
      if (left === 0) get().notify('info', done);
      else
        get().notify(
          'warning',
          `${left} ${left === 1 ? 'file is' : 'files are'} in use and could not be cleared. Close other tabs of the studio, and clear again.`,
        );
    } catch (thrown) {
      get().notify('error', `Not all of it could be cleared: ${toPlainError(thrown).message}`);
    }
    await look();
  }

  const part: StorageState & StorageActions = {
    storage: {
      status: 'idle',
      error: null,
      places: { hub: 0, factors: 0, exports: 0 },
      sessions: new Map(),
      usageBytes: null,
      quotaBytes: null,
      persisted: false,
    },
    lookAtStorage: look,
    async clearPlace(place) {
      if (refused(get(), storageActions.clearPlace, place)) return;
      await clear(`${placeNames[place]} were cleared.`, (from) => from.clear(place));
    },
    async clearStorage() {
      if (refused(get(), storageActions.clearStorage)) return;
      await clear('What the studio kept in this browser was cleared.', async (from) => {
        let left = 0;
        for (const place of Object.keys(placeNames) as StoragePlace[]) left += await from.clear(place);
        const { keeping, recents } = get();
        const here = [keeping.id, keeping.waiting?.id];
        for (const { id } of recents ?? []) if (!here.includes(id)) await get().deleteRecent(id, 'final');
        return left;
      });
    },
    async keepStorage() {
      if (!storage || refused(get(), storageActions.keepStorage)) return;
      const persisted = await storage.persist();
      say({ persisted });
      if (!persisted)
        get().notify(
          'warning',
          'The browser did not promise it. Some promise it only to sites that are bookmarked or often visited.',
        );
    },
  };

  return {
    part,
    askToKeep() {
      if (asked || !storage) return;
      asked = true;
      void storage.persist().then(
        (persisted) => say({ persisted }),
        () => undefined,
      );
    },
  };
}

const placeNames: Readonly<Record<StoragePlace, string>> = {
  hub: 'Downloads',
  factors: 'Decompositions',
  exports: 'Archives',
};
