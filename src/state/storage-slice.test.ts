/** Clearing says what was cleared and what was not, and the browser is asked once to keep what there is. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keptPage } from '../../test/kept-page.ts';
import { memoryShelves } from '../../test/memory-shelf.ts';
import type { BrowserStorage, StoragePlace } from './browser-storage.ts';

beforeAll(() => void vi.stubGlobal('document', { baseURI: 'http://studio.test/' }));
afterAll(() => void vi.unstubAllGlobals());

function storageOf(stays: Partial<Record<StoragePlace, number | Error>> = {}) {
  const sizes = { hub: 300, factors: 20, exports: 1 };
  let persists = 0;
  const storage: BrowserStorage = {
    sizes: () => Promise.resolve({ ...sizes }),
    clear(place) {
      const left = stays[place] ?? 0;
      if (left instanceof Error) return Promise.reject(left);
      if (left === 0) sizes[place] = 0;
      return Promise.resolve(left);
    },
    estimate: () => Promise.resolve({ usageBytes: 321, quotaBytes: 1000 }),
    persisted: () => Promise.resolve(false),
    persist: () => Promise.resolve(++persists > 0),
  };
  return { storage, persists: () => persists };
}

async function pageWith(stays?: Parameters<typeof storageOf>[0]) {
  const kept = storageOf(stays);
  const page = await keptPage(memoryShelves(), 'tab', {}, kept.storage);
  await page.now().lookAtStorage();
  const said = () =>
    page
      .now()
      .log.filter(({ text }) => /clear/.test(text))
      .map(({ level, text }) => `${level}: ${text}`);
  return { ...page, ...kept, said };
}

test('a part that was cleared is empty, the others are as they were', async () => {
  const { now, said } = await pageWith();
  expect(now().storage).toMatchObject({ status: 'ready', places: { hub: 300, factors: 20, exports: 1 } });
  await now().clearPlace('factors');
  expect(now().storage.places).toEqual({ hub: 300, factors: 0, exports: 1 });
  expect(said()).toEqual(['info: Decompositions were cleared.']);
});

test('files that somebody has open are counted, and nothing is said to be cleared', async () => {
  const { now, said } = await pageWith({ hub: 2 });
  await now().clearStorage();
  expect(now().storage.places).toEqual({ hub: 300, factors: 0, exports: 0 });
  expect(said()).toEqual([expect.stringMatching(/^warning: 2 files are in use and could not be cleared/)]);
});

test('an error of the browser is said with its reason, and nothing is said to be cleared', async () => {
  const { now, said } = await pageWith({ exports: new Error('The disk is gone.') });
  await now().clearPlace('exports');
  expect(said()).toEqual(['error: Not all of it could be cleared: The disk is gone.']);
  expect(now().storage.status).toBe('ready');
});

test('the browser is asked to keep the storage when there is work, and once', async () => {
  const { now, save, persists } = await pageWith();
  expect(persists()).toBe(0);
  for (const slot of [3, 4]) {
    now().editGates('Close', Uint32Array.of(slot), Float32Array.of(0), true);
    await save();
  }
  expect(persists()).toBe(1);
  expect(now().storage.persisted).toBe(true);
});
