/** The caches of factors that run anywhere, on both platforms; the browser's file system in Chromium. */
import { describe, expect, inject, it } from 'vitest';
import type { FactorCache } from '../contract.ts';
import { checkEviction, checkFactorCacheLaws } from './factor-cache-laws.ts';
import { memoryFactorCache } from './memory-factor-cache.ts';
import { openOpfsFactorCache } from './opfs-factor-cache.ts';

it('in memory keeps the laws', async () => {
  await expect(checkFactorCacheLaws(memoryFactorCache())).resolves.toBeUndefined();
});

describe('the cache of factors in the private file system', () => {
  it('keeps the laws of a cache in a browser, and is absent without an error in Node', async () => {
    const cache = await openOpfsFactorCache({ folder: 'factors-test', version: 'v1' });
    if (inject('device') === 'wasm') return expect(cache).toBeNull();
    if (!cache) throw new Error('Chromium has no private file system here.');
    await expect(checkFactorCacheLaws(cache)).resolves.toBeUndefined();
  });

  it('makes room, in a browser', async () => {
    const reopen = async () =>
      openOpfsFactorCache({ folder: 'factors-eviction', version: 'v1', limitBytes: 1000 });
    if (inject('device') === 'wasm') return expect(await reopen()).toBeNull();
    const clear = async () =>
      (await navigator.storage.getDirectory())
        .removeEntry('factors-eviction', { recursive: true })
        .catch(() => undefined);
    await clear();
    await expect(checkEviction(async () => (await reopen()) as FactorCache)).resolves.toBeUndefined();
    await clear();
  });

  it('lets entries of other versions go first, and those of before there were versions', async () => {
    if (inject('device') === 'wasm') return expect(await openOpfsFactorCache({ version: 'v1' })).toBeNull();
    const folder = 'factors-versions';
    const open = async (version: string) =>
      (await openOpfsFactorCache({ folder, version, limitBytes: 1000 })) as FactorCache;
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(folder, { recursive: true }).catch(() => undefined);
    await (await open('v2')).put('current', [new Uint8Array(300)]);
    await (await open('v1')).put('outdated', [new Uint8Array(300)]);
    const loose = await (
      await (await root.getDirectoryHandle(folder)).getFileHandle('f'.repeat(64), { create: true })
    ).createWritable();
    await loose.write(new Uint8Array(300));
    await loose.close();
    const cache = await open('v2');
    expect(await cache.reserve('new', 600, new Set())).toBe(true);
    const left: string[] = [];
    for await (const name of (await root.getDirectoryHandle(folder)).keys()) left.push(name);
    expect(left).toEqual(['v2']);
    expect(await cache.get('current')).not.toBeNull();
    await root.removeEntry(folder, { recursive: true });
  });
});
