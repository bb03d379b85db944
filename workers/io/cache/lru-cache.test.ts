import { describe, expect, it } from 'vitest';
import type { CacheFiles } from './cache-files.ts';
import { checkCacheLaws } from './cache-laws.ts';
import { lruCache } from './lru-cache.ts';

/** A disk of `roomBytes` in memory. */
function disk(roomBytes = Infinity) {
  const stored = new Map<string, { bytes: Uint8Array<ArrayBuffer>; writtenMs: number }>();
  const clock = { ms: 1_000_000 };
  const usedBytes = () =>
    [...stored].reduce((sum, [name, { bytes }]) => sum + (name === 'recency.json' ? 0 : bytes.length), 0);
  const files: CacheFiles = {
    list: async () =>
      [...stored].map(([name, { bytes, writtenMs }]) => ({ name, sizeBytes: bytes.length, writtenMs })),
    read: async (name) => stored.get(name)?.bytes.slice() ?? null,
    async head(name, sizeBytes) {
      const bytes = stored.get(name)?.bytes;
      return bytes ? { bytes: bytes.slice(0, sizeBytes), sizeBytes: bytes.length } : null;
    },
    async write(name, parts) {
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      stored.delete(name);
      if (name !== 'recency.json' && usedBytes() + bytes.length > roomBytes) return false;
      stored.set(name, { bytes, writtenMs: clock.ms });
      return true;
    },
    remove: async (name) => void stored.delete(name),
  };
  return { files, clock, usedBytes, now: () => clock.ms };
}
const freshMs = 100;
const here = async (cache: ReturnType<typeof lruCache>, keys: string) =>
  (await Promise.all([...keys].map(async (key) => ((await cache.get(key)) ? key : '')))).join('');

/** a to d, 30 bytes each, written one after another; then a is used, long ago. */
async function filled(roomBytes?: number) {
  const made = disk(roomBytes);
  const cache = lruCache(made.files, { maxBytes: 1000, freshMs, now: made.now });
  for (const key of 'abcd') {
    made.clock.ms += 10_000;
    await cache.put(key, new Uint8Array(30));
  }
  made.clock.ms += 10_000;
  await cache.get('a');
  made.clock.ms += 10_000;
  return made;
}

describe('a bounded cache', () => {
  it('keeps the laws of a cache', async () => {
    await expect(checkCacheLaws(lruCache(disk().files, { maxBytes: 1e9, freshMs }))).resolves.toBeUndefined();
  });

  it('drops what was not used for the longest time, over a restart too', async () => {
    const { files, now, usedBytes, clock } = await filled();
    const again = lruCache(files, { maxBytes: 125, freshMs, now });
    clock.ms += 1;
    expect(await again.put('e', new Uint8Array(60))).toBe(true);
    expect(usedBytes()).toBe(120);
    expect(await here(again, 'abcde')).toBe('ade');
  });

  it('makes place where the disk is smaller than the bound', async () => {
    const { files, now, usedBytes } = await filled(120);
    const again = lruCache(files, { maxBytes: 1000, freshMs, now });
    expect(await again.put('e', new Uint8Array(50))).toBe(true);
    expect(usedBytes()).toBe(110);
    expect(await here(again, 'abcde')).toBe('ade');
    expect(await again.put('f', new Uint8Array(130))).toBe(false);
    expect(await here(again, 'f')).toBe('');
  });

  it('does not drop what is in use for the sake of what is new', async () => {
    const { files, now, clock } = disk();
    const cache = lruCache(files, { maxBytes: 100, freshMs, now });
    for (const key of 'abcdef') await cache.put(key, new Uint8Array(30));
    expect(await here(cache, 'abcdef')).toBe('abc');
    expect(await cache.put('g', new Uint8Array(30))).toBe(false);
    clock.ms += freshMs + 1;
    await cache.get('b');
    expect(await cache.put('g', new Uint8Array(60))).toBe(true);
    expect(await here(cache, 'abcg')).toBe('bg');
  });

  it('counts an entry once, however often it is written, and forgets what somebody else removed', async () => {
    const { files, now, usedBytes } = disk();
    const cache = lruCache(files, { maxBytes: 100, freshMs, now });
    for (let i = 0; i < 10; i++) expect(await cache.put('a', new Uint8Array(90))).toBe(true);
    for (const { name } of await files.list()) await files.remove(name);
    expect(await cache.get('a')).toBeNull();
    expect(await cache.put('b', new Uint8Array(90))).toBe(true);
    expect(usedBytes()).toBe(90);
  });
});
