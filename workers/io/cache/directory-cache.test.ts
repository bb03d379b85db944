import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCacheLaws } from './cache-laws.ts';
import { directoryCache } from './directory-cache.node.ts';

describe('the cache in a directory', () => {
  it('keeps the laws of a cache, makes its directory and leaves no drafts', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'factors-'));
    await checkCacheLaws(directoryCache(join(parent, 'a', 'b')));
    expect((await readdir(join(parent, 'a', 'b'))).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
    await rm(parent, { recursive: true });
  });

  it('that cannot be written is silent', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'factors-'));
    await writeFile(join(parent, 'file'), '');
    const cache = directoryCache(join(parent, 'file'));
    expect(await cache.put('a', new Uint8Array(3))).toBe(false);
    expect(await cache.get('a')).toBeNull();
    await rm(parent, { recursive: true });
  });
});
