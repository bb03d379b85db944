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

  async function clear(work: (from: BrowserStorage) => Promise<void>): Promise<void> {
    if (!storage) return;
    say({ status: 'clearing' });
    try {
      await work(storage);
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
      await clear((from) => from.clear(place));
      get().notify('info', `${placeNames[place]} were cleared.`);
    },
    async clearStorage() {
      if (refused(get(), storageActions.clearStorage)) return;
      await clear(async (from) => {
        for (const place of Object.keys(placeNames) as StoragePlace[]) await from.clear(place);
        const { keeping, recents } = get();
        const here = [keeping.id, keeping.waiting?.id];
        for (const { id } of recents ?? []) if (!here.includes(id)) await get().deleteRecent(id, 'final');
      });
      get().notify('info', 'What the studio kept in this browser was cleared.');
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
