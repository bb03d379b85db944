/**
 * Stores the session while it is worked on: within a second of a change, in a moment when the browser has nothing
 * else to do. Large values are written once, because none is ever changed in place. A save that fails is said once
 * and tried again.
 */
import type { StoreApi } from 'zustand';
import { pack } from '../../../core/sessions/packing.ts';
import { sessionVersion } from '../../../core/sessions/versions.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import type { StudioStore } from '../types.ts';
import type { keptFolders } from './kept-folders.ts';
import type { KeptSession } from './parts.ts';
import { bytesOf } from './shelf-entry.ts';
import type { Shelf } from './shelf.ts';
import { thumbnailOf } from './thumbnail.ts';
import { isWorthKeeping } from './worth.ts';

/** When work may be done; a test decides it by itself. */
export interface Moments {
  /** Calls `work` within a second, when the page is idle. */
  soon(work: () => void): void;
  now(): number;
  newId(): string;
}

/** After a failed save, until it is tried again. */
const retryMs = 10_000;

export interface Saver {
  /** Stores what has changed, at once. */
  flush(): Promise<void>;
  /** Large values of a session that was just put back are stored already, under these numbers. */
  adopt(values: ReadonlyMap<number, object>): void;
  /**
   * Stores a session that came in a file and is not on the page; the page's own is left as it is. Throws.
   * @param file its SHA-256: the same file is stored once, as long as nothing is done with it
   */
  storeForeign(name: string, kept: KeptSession, file: string): Promise<ForeignSession>;
}

export interface ForeignSession {
  /** This tab has it. */
  readonly id: string;
  /** As it was renamed, where the same file was opened before. */
  readonly name: string;
  readonly values: ReadonlyMap<number, object>;
}

interface SavingHooks {
  /** Has the state say what the engine knows, before each save. */
  prepare(): Promise<void>;
  /** After each save. */
  stored(): void;
}

export function saveContinuously(
  store: Pick<StoreApi<StudioStore>, 'getState' | 'setState' | 'subscribe'>,
  shelf: Shelf,
  moments: Moments,
  { prepare, stored: isStored }: SavingHooks,
): Saver {
  let numbers = new WeakMap<object, number>();
  let stored = new Set<number>();
  let next = 0;
  let asked = false;
  let saving: Promise<void> | null = null;
  let failedAt: number | null = null;
  /** The parts and the id under which they were stored last. */
  let last: { readonly id: string; readonly name: string; readonly kept: KeptSession } | null = null;
  /** Of which session and source the folders were stored last. */
  let folders: { readonly id: string; readonly source: TrioSource | null } | null = null;

  const keeping = (part: Partial<StudioStore['keeping']>): void =>
    store.setState((state) => ({ keeping: { ...state.keeping, ...part } }));

  function begin(): void {
    numbers = new WeakMap();
    stored = new Set();
    next = 0;
    last = null;
  }

  function adopt(values: ReadonlyMap<number, object>): void {
    begin();
    for (const [number, value] of values) {
      numbers.set(value, number);
      stored.add(number);
      next = Math.max(next, number + 1);
    }
  }

  /** A name of its own and a hold on it, for a session that is kept from now on. Null once another is being put back. */
  async function named(): Promise<string | null> {
    const { keeping: known } = store.getState();
    if (known.id !== null) return known.id;
    const id = moments.newId();
    begin();
    await shelf.hold(id);
    if (store.getState().keeping.status === 'restoring') {
      shelf.release(id);
      return null;
    }
    shelf.setMine(id);
    keeping({ id, name: known.name || (store.getState().session?.label ?? '') });
    return id;
  }

  async function storeFolders(id: string, source: TrioSource | null, of: typeof keptFolders): Promise<void> {
    if (folders?.id === id && folders.source === source) return;
    folders = { id, source };
    // Where the browser does not store handles, folders are chosen again.
    await shelf.writeFolders(id, of(source)).catch(() => undefined);
  }

  async function save(): Promise<void> {
    const before = store.getState();
    if (before.keeping.status === 'off' || before.keeping.status === 'restoring') return;
    if (before.keeping.id === null && !isWorthKeeping(before)) return;
    const session = before.session;
    const id = await named();
    if (id === null) return;
    await prepare();
    try {
      const { keepAll, keptFolders: foldersOf } = await import('./kept-session.ts');
      const state = store.getState();
      // Other models were opened meanwhile: what is on the page is another session, or not yet the one that waits.
      if (state.session?.id !== session?.id || state.keeping.id !== id) return;
      if (state.keeping.status === 'restoring') return;
      const kept = keepAll(state);
      const { name } = state.keeping;
      if (last?.id === id && last.name === name && sameParts(last.kept, kept))
        return await storeFolders(id, state.source, foldersOf);
      const used = new Map<number, object>();
      const parts = pack(kept, (large) => {
        const number = numbers.get(large) ?? next++;
        numbers.set(large, number);
        used.set(number, large);
        return number;
      });
      const added = new Map([...used].filter(([number]) => !stored.has(number)));
      const gone = [...stored].filter((number) => !used.has(number));
      const savedAt = moments.now();
      const thumbnail = thumbnailOf(state);
      const sizeBytes = sizeOf(parts, used.values());
      await shelf.write(
        { id, version: sessionVersion, name, savedAt, sizeBytes, parts, ...(thumbnail && { thumbnail }) },
        added,
        gone,
      );
      if (store.getState().keeping.id !== id) return;
      stored = new Set(used.keys());
      last = { id, name, kept };
      if (failedAt !== null) store.getState().notify('info', 'This session is stored in the browser again.');
      failedAt = null;
      keeping({ status: 'kept' });
      isStored();
      await storeFolders(id, state.source, foldersOf);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      if (failedAt === null)
        store
          .getState()
          .notify(
            'warning',
            `This session could not be stored in the browser, so a reload would lose it: ${why} Free some space, or save it to a file. It is tried again every ${retryMs / 1000} seconds.`,
          );
      failedAt = moments.now();
      keeping({ status: 'failed' });
    }
  }

  async function flush(): Promise<void> {
    // One after another: each says what the one before it has not stored yet.
    while (saving) await saving;
    saving = save().finally(() => (saving = null));
    await saving;
  }

  function ask(): void {
    if (asked) return;
    asked = true;
    moments.soon(() => {
      asked = false;
      if (failedAt !== null && moments.now() - failedAt < retryMs) ask();
      else void flush();
    });
  }

  store.subscribe((state, before) => {
    if (state.keeping.id === null && before.keeping.id !== null) {
      shelf.release(before.keeping.id);
      shelf.setMine(null);
      begin();
    }
    ask();
  });

  async function storeForeign(given: string, kept: KeptSession, file: string): Promise<ForeignSession> {
    const before = (await shelf.list()).find((entry) => entry.file === file);
    const same = before && (await shelf.hold(before.id)) ? before : null;
    const { id, name } = same ?? { id: moments.newId(), name: given };
    const places = new Map<object, number>();
    const parts = pack(kept, (large) => {
      const number = places.get(large) ?? places.size;
      places.set(large, number);
      return number;
    });
    const values = new Map([...places].map(([large, number]) => [number, large]));
    const session = {
      id,
      name,
      version: sessionVersion,
      savedAt: moments.now(),
      sizeBytes: sizeOf(parts, values.values()),
      file,
      parts,
      foreign: true,
    } as const;
    await shelf.write(session, values, []);
    await shelf.hold(id);
    return { id, name, values };
  }

  return { flush, adopt, storeForeign };
}

function sizeOf(parts: unknown, values: Iterable<object>): number {
  let bytes = JSON.stringify(parts).length;
  for (const value of values) bytes += bytesOf(value);
  return bytes;
}

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

/** Do they hold the same things? What is large is never changed in place, so its identity tells. */
function sameParts(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (!isPlain(a) || !isPlain(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([key, value]) => sameParts(value, (b as Record<string, unknown>)[key]))
  );
}

/** Those of the browser. */
export const pageMoments: Moments = {
  soon(work) {
    setTimeout(() => {
      if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 500 });
      else work();
    }, 400);
  },
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
};
