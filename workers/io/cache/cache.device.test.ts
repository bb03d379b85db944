/** The caches that run anywhere, on both platforms; the browser's file system in Chromium. */
import { describe, expect, inject, it } from 'vitest';
import { checkCacheLaws } from './cache-laws.ts';
import { memoryCache } from './memory-cache.ts';
import { openOpfsCache } from './opfs-cache.ts';

describe('the memory cache', () => {
  it('keeps the laws of a cache', async () => {
    await expect(checkCacheLaws(memoryCache())).resolves.toBeUndefined();
  });

  it('forgets the oldest first and takes nothing larger than itself', async () => {
    const cache = memoryCache(10);
    await cache.put('a', new Uint8Array(4));
    await cache.put('b', new Uint8Array(4));
    await cache.put('c', new Uint8Array(4));
    await cache.put('d', new Uint8Array(11));
    expect(
      await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await cache.get(key))?.length ?? null)),
    ).toEqual([null, 4, 4, null]);
  });
});

describe('the cache in the private file system', () => {
  it('keeps the laws of a cache in a browser, and is absent without an error in Node', async () => {
    const cache = await openOpfsCache('factors-test');
    if (inject('device') === 'wasm') return expect(cache).toBeNull();
    if (!cache) throw new Error('Chromium has no private file system here.');
    await expect(checkCacheLaws(cache)).resolves.toBeUndefined();
  });
});
