import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkEviction, checkFactorCacheLaws } from './factor-cache-laws.ts';
import { directoryFactorCache } from './directory-factor-cache.node.ts';

describe('the cache of factors in a directory', () => {
  it('keeps the laws of a cache, makes its directory and leaves no drafts', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'factors-'));
    await checkFactorCacheLaws(directoryFactorCache(join(parent, 'a'), { version: 'b' }));
    expect(
      (await readdir(join(parent, 'a', 'b'))).every((name) => /^([0-9a-f]{64}|uses\.json)$/.test(name)),
    ).toBe(true);
    await rm(parent, { recursive: true });
  });

  it('makes room, first by what other versions left', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'factors-'));
    const open = (version: string) => directoryFactorCache(parent, { version, limitBytes: 1000 });
    await checkEviction(async () => open('v2'));
    await rm(parent, { recursive: true });
    await open('v2').put('current', [new Uint8Array(300)]);
    await open('v1').put('outdated', [new Uint8Array(300)]);
    const cache = open('v2');
    expect(await cache.reserve('new', 600, new Set())).toBe(true);
    expect([await open('v1').get('outdated'), (await cache.get('current'))?.length]).toEqual([null, 300]);
    await rm(parent, { recursive: true });
  });

  it('that cannot be written is silent', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'factors-'));
    await writeFile(join(parent, 'file'), '');
    const cache = directoryFactorCache(join(parent, 'file'), { version: 'v1' });
    expect(await cache.put('a', [new Uint8Array(3)])).toBe(false);
    expect(await cache.get('a')).toBeNull();
    await rm(parent, { recursive: true });
  });
});
