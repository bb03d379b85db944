/** Whole files against the SHA-256 that the Hub names, which Node's own hash makes here. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sparseFile, type RepoFile } from '../../../test/hub-repo.ts';
import type { ByteCache } from '../contract.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { parseListing } from './listing.ts';
import { counted, file, hub, mebi, ofStorage } from './testing/hub-bench.node.ts';

const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const plain = sparseFile(new Uint8Array(1000).fill(7), 16 * mebi + 321);
const sound: RepoFile = { ...plain, sha256: sum(plain.read(0, plain.sizeBytes)) };
/** One bit of byte `at` is another on the way, and the etag says nothing of it. */
const damaged = (of: RepoFile, at: number): RepoFile => ({
  ...of,
  read(begin, end) {
    const bytes = of.read(begin, end).slice();
    if (begin <= at && at < end) bytes[at - begin] = (bytes[at - begin] ?? 0) ^ 4;
    return bytes;
  },
});
const serve = (served: RepoFile): void => {
  hub.repos['org/model'] = {
    commit: 'c0ffee'.padEnd(40, '0'),
    revisions: ['main'],
    files: { 'w.safetensors': served },
  };
};
const same = (found: Uint8Array, begin: number, end: number): boolean =>
  Buffer.from(found).equals(Buffer.from(sound.read(begin, end)));

it.each([
  ['in the first block', [0, 1, 2], 5 * mebi],
  ['in a block that came before its turn', [2, 1, 0], 16 * mebi + 5],
  ['in the last byte', [1, 2, 0], 16 * mebi + 320],
])('a bit that changed on the way, %s, fails the read that completes the file', async (_, order, at) => {
  const store = memoryCache();
  serve(damaged(sound, at));
  const source = await file('w.safetensors', { store });
  const block = (of: typeof source, index: number) => of.read(index * 8 * mebi + 1, index * 8 * mebi + 9);
  await block(source, order[0]!);
  await block(source, order[1]!);
  await expect(block(source, order[2]!)).rejects.toMatchObject({
    code: 'changed',
    retryable: true,
    message: expect.stringContaining(`the Hub names ${sound.sha256?.slice(0, 12)}`),
    details: { file: expect.stringContaining('w.safetensors') },
  });
  serve(sound);
  hub.requests.length = 0;
  const again = await file('w.safetensors', { store });
  expect(same(await again.read(1, sound.sizeBytes), 1, sound.sizeBytes)).toBe(true);
  expect(ofStorage().reduce((bytes, { sentBytes }) => bytes + sentBytes, 0)).toBe(sound.sizeBytes);
});

it('a file that is read as a whole is fetched again at once, and that is said', async () => {
  let reads = 0;
  const once = damaged(sound, 3 * mebi);
  serve({
    ...sound,
    read: (begin, end) => (begin < 4 * mebi && reads++ < 2 ? once : sound).read(begin, end),
  });
  const source = await file('w.safetensors');
  expect(same(await source.read(0, sound.sizeBytes), 0, sound.sizeBytes)).toBe(true);
  expect(counted.damaged).toBe(sound.sizeBytes);
});

it('is checked too when the file came over several sessions, and once only', async () => {
  const store = memoryCache();
  serve(damaged(sound, 2 * mebi));
  await (await file('w.safetensors', { store })).read(1, 9);
  await (await file('w.safetensors', { store })).read(9 * mebi, 9 * mebi + 8);
  await expect((await file('w.safetensors', { store })).read(16 * mebi, 16 * mebi + 8)).rejects.toMatchObject(
    {
      code: 'changed',
    },
  );
  serve(sound);
  await (await file('w.safetensors', { store })).read(1, sound.sizeBytes);
  const asked: string[] = [];
  const watched: ByteCache = { ...store, get: (key) => (asked.push(key), store.get(key)) };
  const checked = await file('w.safetensors', { store: watched });
  expect(same(await checked.read(9 * mebi, 9 * mebi + 8), 9 * mebi, 9 * mebi + 8)).toBe(true);
  expect(asked.filter((key) => key.includes('block'))).toHaveLength(1);
});

it('a block that is fetched again later is checked with the rest', async () => {
  const store = memoryCache();
  serve(sound);
  await (await file('w.safetensors', { store })).read(1, sound.sizeBytes);
  const blind: ByteCache = {
    ...store,
    get: async (key) => (key.endsWith('block 1') ? null : store.get(key)),
  };
  serve(damaged(sound, 9 * mebi));
  const source = await file('w.safetensors', { store: blind });
  await source.read(1, 9);
  await expect(source.read(9 * mebi, 9 * mebi + 8)).rejects.toMatchObject({ code: 'changed' });
});

it('a list of files whose SHA-256 is none is refused', () => {
  const listing = (sha256: unknown) =>
    new TextEncoder().encode(
      JSON.stringify({ sha: 'a'.repeat(40), siblings: [{ rfilename: 'x', lfs: { sha256 } }] }),
    );
  expect(parseListing(listing('0a'.repeat(32)), 'o/n').sums.get('x')).toBe('0a'.repeat(32));
  for (const other of ['0A'.repeat(32), 'short', 5, null])
    expect(() => parseListing(listing(other), 'o/n')).toThrow(/SHA-256 of x/);
});
