/**
 * Sessions in the browser's IndexedDB. A session is one small record and its large values beside it, each under a
 * number, so that a save writes what has changed. What is stored together is stored whole or not at all.
 */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { StudioError } from '../../core/errors.ts';
import { bytesOf, readEntry } from '../state/keeping/shelf-entry.ts';
import type { Shelf, ShelfEntry, StoredSession } from '../state/keeping/shelf.ts';
import { holdInTab, releaseInTab } from './locks.ts';

interface Stored extends DBSchema {
  /** By session: what is told of it without reading it. */
  entries: { key: string; value: ShelfEntry };
  sessions: { key: string; value: StoredSession };
  /** By session and number. */
  values: { key: [string, number]; value: object };
  /** By session: handles of its folders. Not with its other values, which must be readable whatever becomes of these. */
  folders: { key: string; value: object };
}

const databaseName = 'frism-studio-sessions';
const mineKey = 'frism-studio.session';

/** All numbers of one session. A list comes after every number in the order of keys. */
const valuesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

/** As much as the value is and no more: a clone of a view takes the whole buffer along, and a shared one cannot be. */
function alone(value: object): object {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return value;
  const view = value as Uint8Array;
  const whole = view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
  return whole ? value : view.slice();
}

async function open(): Promise<IDBPDatabase<Stored>> {
  try {
    return await openDB<Stored>(databaseName, 2, {
      upgrade(database, before) {
        if (before < 1) {
          database.createObjectStore('entries', { keyPath: 'id' });
          database.createObjectStore('sessions', { keyPath: 'id' });
          database.createObjectStore('values');
        }
        if (before < 2) database.createObjectStore('folders');
      },
      // A newer studio in another tab must not wait for this one.
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StudioError(
      'unsupported',
      `The browser stores nothing for this page (${why}), so a reload loses what you do here. Save to a file what you want to keep.`,
      { cause },
    );
  }
}

/** Of one that was stored before its size was. */
async function bytesIn(
  transaction: IDBPTransaction<Stored, ('entries' | 'sessions' | 'values')[]>,
  id: string,
): Promise<number> {
  const session = await transaction.objectStore('sessions').get(id);
  let bytes = session ? JSON.stringify(session.parts).length : 0;
  // One after another: all together may be more than fits into memory.
  for await (const { value } of transaction.objectStore('values').iterate(valuesOf(id)))
    bytes += bytesOf(value);
  return bytes;
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}

/** @param tab where a tab remembers its session: `sessionStorage` */
export function indexedDbShelf(tab: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Shelf {
  let opened: Promise<IDBPDatabase<Stored>> | null = null;
  const database = async (): Promise<IDBPDatabase<Stored>> => {
    const known = await (opened ??= open()).catch((thrown: unknown) => {
      opened = null;
      throw thrown;
    });
    known.onclose = () => (opened = null);
    return known;
  };

  return {
    async list() {
      const entries = await (await database()).getAll('entries');
      return entries
        .flatMap((entry: unknown) => readEntry(entry) ?? [])
        .sort((a, b) => b.savedAt - a.savedAt);
    },
    async read(id) {
      const transaction = (await database()).transaction(['sessions', 'values']);
      const [session, keys, values] = await Promise.all([
        transaction.objectStore('sessions').get(id),
        transaction.objectStore('values').getAllKeys(valuesOf(id)),
        transaction.objectStore('values').getAll(valuesOf(id)),
      ]);
      if (!session) return null;
      // A handle that the browser cannot give back any more takes nothing else with it.
      const folders = await (await database()).get('folders', id).catch(() => null);
      return {
        session,
        values: new Map(keys.map(([, number], i) => [number, values[i] ?? {}])),
        folders: folders ?? null,
      };
    },
    async writeFolders(id, folders) {
      const known = await database();
      if (folders) await known.put('folders', folders, id);
      else await known.delete('folders', id);
    },
    async write(session, added, gone) {
      const { id, name, savedAt } = session;
      const entry = readEntry(session) ?? { id, name, savedAt };
      const transaction = (await database()).transaction(['entries', 'sessions', 'values'], 'readwrite');
      const values = transaction.objectStore('values');
      try {
        const writes = [
          transaction.objectStore('sessions').put(session),
          transaction.objectStore('entries').put(entry),
          ...[...added].map(([number, value]) => values.put(alone(value), [id, number])),
          ...gone.map((number) => values.delete([id, number])),
        ];
        await Promise.all([...writes, transaction.done]);
      } catch (thrown) {
        // What cannot be cloned is refused at once, while what was asked before it would still be stored.
        abort(transaction);
        await transaction.done.catch(() => undefined);
        throw thrown;
      }
    },
    async amend(id, change) {
      const transaction = (await database()).transaction(['entries', 'sessions'], 'readwrite');
      const [entries, sessions] = [transaction.objectStore('entries'), transaction.objectStore('sessions')];
      const [entry, session] = await Promise.all([entries.get(id), sessions.get(id)]);
      await Promise.all([
        entry && entries.put({ ...entry, ...change }),
        session && change.name !== undefined && sessions.put({ ...session, name: change.name }),
        transaction.done,
      ]);
    },
    async sizes() {
      const transaction = (await database()).transaction(['entries', 'sessions', 'values']);
      const sizes = new Map<string, number>();
      for (const stored of await transaction.objectStore('entries').getAll()) {
        const entry = readEntry(stored);
        if (!entry) continue;
        const { id } = entry;
        sizes.set(id, entry.sizeBytes ?? (await bytesIn(transaction, id)));
      }
      return sizes;
    },
    async remove(id) {
      const transaction = (await database()).transaction(
        ['entries', 'sessions', 'values', 'folders'],
        'readwrite',
      );
      await Promise.all([
        transaction.objectStore('folders').delete(id),
        transaction.objectStore('entries').delete(id),
        transaction.objectStore('sessions').delete(id),
        transaction.objectStore('values').delete(valuesOf(id)),
        transaction.done,
      ]);
    },
    hold: holdInTab,
    release: releaseInTab,
    mine: () => tab.getItem(mineKey),
    setMine(id) {
      if (id === null) tab.removeItem(mineKey);
      else tab.setItem(mineKey, id);
    },
  };
}
