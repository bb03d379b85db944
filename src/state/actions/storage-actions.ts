/** What the studio takes of the browser's storage. */
import type { StoragePlace } from '../browser-storage.ts';
import { row } from './action.ts';
import { firstOf, never, notWhileWorking, type Check } from './obstacles.ts';

const notWhileClearing: Check = ({ storage }) =>
  storage.status === 'clearing' ? 'The storage is being cleared. Wait until that has ended.' : null;

const canClear = firstOf(notWhileClearing, notWhileWorking);

const whatFollows: Readonly<Record<StoragePlace, string>> = {
  hub: 'Models of the Hub are fetched again when they are needed.',
  factors: 'Models are decomposed again when they are opened.',
  exports: 'A download of such an archive that still goes on would break.',
};

export const storageActions = {
  storage: row({
    label: 'Storage in this browser…',
    labelNow: () => 'Storage…',
    hint: () => 'Shows what the studio keeps in this browser, and clears it.',
    icon: 'storage',
    obstacle: never,
    perform: (state) => state.showDialog('storage'),
  }),
  clearPlace: row<StoragePlace>({
    label: 'Clear a part of the storage',
    labelNow: () => 'Clear',
    hint: (_, place) => whatFollows[place],
    icon: 'delete',
    obstacle: (state, place) =>
      canClear(state) ?? (state.storage.places[place] === 0 ? 'There is nothing to clear.' : null),
    perform: (state, place) => state.clearPlace(place),
  }),
  clearStorage: row({
    label: 'Clear all of the storage',
    labelNow: () => 'Clear all',
    hint: () =>
      'Clears downloads, decompositions and archives, and deletes every session that is not on the page.',
    icon: 'delete',
    obstacle: canClear,
    perform: (state) => state.clearStorage(),
  }),
  keepStorage: row({
    label: 'Ask the browser to keep the storage',
    labelNow: () => 'Ask the browser to keep it',
    hint: () =>
      'Browsers may clear what sites have stored when the disk is full, unless they promise not to.',
    icon: 'lock',
    obstacle: ({ storage }) => (storage.persisted ? 'The browser has promised it already.' : null),
    perform: (state) => state.keepStorage(),
  }),
};
