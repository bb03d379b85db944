/** The shelf on an IndexedDB in memory; its promises about tabs are the browser's and are tested there. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import type { StoredSession } from '../state/keeping/shelf.ts';
import { indexedDbShelf } from './indexed-db.ts';

const remembered = new Map<string, string>();
const shelf = indexedDbShelf({
  getItem: (key) => remembered.get(key) ?? null,
  setItem: (key, value) => void remembered.set(key, value),
  removeItem: (key) => void remembered.delete(key),
});

const session = (id: string, savedAt: number, parts: unknown = {}): StoredSession => ({
  id,
  name: `Name of ${id}`,
  savedAt,
  version: 1,
  parts,
});

describe('sessions in IndexedDB', () => {
  test('come back with their values, the latest first, and none has those of another', async () => {
    const gates = new Float32Array([0, 0.5, 1]);
    await shelf.write(session('a', 10, { gates: { '~value': 0 } }), new Map([[0, gates]]), []);
    await shelf.write(
      session('b', 20),
      new Map<number, object>([
        [0, new Uint8Array([7])],
        [2 ** 31, new Blob(['x'])],
      ]),
      [],
    );
    expect((await shelf.list()).map(({ id }) => id)).toEqual(['b', 'a']);
    const read = await shelf.read('a');
    expect(read?.session).toEqual(session('a', 10, { gates: { '~value': 0 } }));
    expect([...(read?.values ?? [])]).toEqual([[0, gates]]);
    expect([...((await shelf.read('b'))?.values.keys() ?? [])]).toEqual([0, 2 ** 31]);
    expect(await shelf.read('none')).toBeNull();
  });

  test('a save adds values, removes those of no use and leaves the others', async () => {
    await shelf.write(
      session('c', 1),
      new Map([
        [0, new Uint8Array(1)],
        [1, new Uint8Array(2)],
      ]),
      [],
    );
    await shelf.write(session('c', 2), new Map([[2, new Uint8Array(3)]]), [0]);
    expect([...((await shelf.read('c'))?.values.keys() ?? [])]).toEqual([1, 2]);
    expect((await shelf.list()).find(({ id }) => id === 'c')?.savedAt).toBe(2);
  });

  test('of a save that fails nothing is stored', async () => {
    await shelf.write(session('d', 1), new Map([[0, new Uint8Array(1)]]), []);
    const impossible = { wrong: () => undefined };
    await expect(
      shelf.write(session('d', 2, impossible), new Map([[1, new Uint8Array(9)]]), [0]),
    ).rejects.toThrow();
    const read = await shelf.read('d');
    expect(read?.session.savedAt).toBe(1);
    expect([...(read?.values.keys() ?? [])]).toEqual([0]);
  });

  test('a view is stored without the buffer that it looks into', async () => {
    const large = new Float32Array(1000).fill(3);
    await shelf.write(session('e', 1), new Map([[0, large.subarray(10, 12)]]), []);
    const value = (await shelf.read('e'))?.values.get(0) as Float32Array;
    expect(value).toEqual(new Float32Array([3, 3]));
    expect(value.buffer.byteLength).toBe(8);
  });

  test('what is removed is gone with its values', async () => {
    await shelf.write(session('f', 1), new Map([[0, new Uint8Array(1)]]), []);
    await shelf.remove('f');
    expect(await shelf.read('f')).toBeNull();
    expect((await shelf.list()).some(({ id }) => id === 'f')).toBe(false);
  });

  test('handles of its folders come back beside it, and go with it', async () => {
    await shelf.write(session('g', 1), new Map(), []);
    expect((await shelf.read('g'))?.folders).toBeNull();
    const folders = { trio: { handle: { kind: 'directory' }, inside: 'a/b' } };
    await shelf.writeFolders('g', folders);
    expect((await shelf.read('g'))?.folders).toEqual(folders);
    // A handle that cannot be stored takes nothing else with it.
    await expect(shelf.writeFolders('g', { trio: () => undefined })).rejects.toThrow();
    expect((await shelf.read('g'))?.session).toEqual(session('g', 1));
    await shelf.write(session('g', 2), new Map(), []);
    expect((await shelf.read('g'))?.folders).toEqual(folders);
    await shelf.remove('g');
    await shelf.write(session('g', 3), new Map(), []);
    expect((await shelf.read('g'))?.folders).toBeNull();
    await shelf.writeFolders('g', folders);
    await shelf.writeFolders('g', null);
    expect((await shelf.read('g'))?.folders).toBeNull();
  });

  test('what an earlier studio has stored is there, and can be given handles', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    const old = await openDB('frism-studio-sessions', 1, {
      upgrade(database) {
        database.createObjectStore('entries', { keyPath: 'id' });
        database.createObjectStore('sessions', { keyPath: 'id' });
        database.createObjectStore('values');
      },
    });
    await old.put('entries', { id: 'o', name: 'Old', savedAt: 5 });
    await old.put('sessions', session('o', 5));
    await old.put('values', new Uint8Array([7]), ['o', 0]);
    old.close();
    const later = indexedDbShelf({
      getItem: () => null,
      setItem: () => undefined,
      removeItem: () => undefined,
    });
    expect((await later.list()).map(({ name }) => name)).toEqual(['Old']);
    expect(await later.read('o')).toEqual({
      session: session('o', 5),
      values: new Map([[0, new Uint8Array([7])]]),
      folders: null,
    });
    await later.writeFolders('o', { trio: 1 });
    expect((await later.read('o'))?.folders).toEqual({ trio: 1 });
    vi.unstubAllGlobals();
  });

  test('its size is that of its entry; where that does not say it, it is counted', async () => {
    const values = new Map<number, object>([
      [0, new Float32Array(10)],
      [1, new Blob(['four'])],
    ]);
    await shelf.write(session('h', 1, { a: 1 }), values, []);
    // As nobody would count it.
    await shelf.write({ ...session('i', 1), sizeBytes: 123_456 }, values, []);
    const sizes = await shelf.sizes();
    // `{"a":1}`, ten float32 and four bytes.
    expect(sizes.get('h')).toBe(7 + 40 + 4);
    expect(sizes.get('i')).toBe(123_456);
    expect((await shelf.list()).find(({ id }) => id === 'i')?.sizeBytes).toBe(123_456);
    await shelf.amend('i', { name: 'Renamed' });
    expect((await shelf.sizes()).get('i')).toBe(123_456);
  });

  test('a tab remembers which session it had', () => {
    expect(shelf.mine()).toBeNull();
    shelf.setMine('a');
    expect(shelf.mine()).toBe('a');
    shelf.setMine(null);
    expect(shelf.mine()).toBeNull();
  });
});
