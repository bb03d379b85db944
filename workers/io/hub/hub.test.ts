/** The Hub as it is and as it fails, by a server of our own that behaves like it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { plainFile } from '../../../test/hub-repo.ts';
import type { ByteCache } from '../contract.ts';
import { directoryCache } from '../cache/directory-cache.node.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import {
  type Asked,
  mebi,
  page,
  weights,
  config,
  hub,
  counted,
  open,
  file,
  ofStorage,
  expectBytes,
} from './testing/hub-bench.node.ts';

describe('a repository', () => {
  it('gives any range of any file, in any order and together', async () => {
    const folder = await open();
    expect(folder.label).toBe('org/model@c0ffee0');
    const source = (await folder.open('model.safetensors'))!;
    expect(source.sizeBytes).toBe(weights.sizeBytes);
    const ranges: [number, number][] = [
      [0, 8],
      [0, 100_000],
      [8 * mebi - 5, 8 * mebi + 5],
      [50 * mebi, 71 * mebi],
      [weights.sizeBytes - 3, weights.sizeBytes],
      [7, 7],
      [60 * mebi, 60 * mebi + 1],
    ];
    const found = await Promise.all(ranges.map(([begin, end]) => source.read(begin, end)));
    ranges.forEach(([begin, end], i) => expectBytes(found[i], begin, end));
    // The bytes belong to the receiver.
    found[6]!.fill(0);
    expectBytes(await source.read(60 * mebi, 60 * mebi + 1), 60 * mebi, 60 * mebi + 1);
    const text = (await folder.open('config.json'))!;
    expect(new TextDecoder().decode(await text.read(0, text.sizeBytes))).toBe(config);
    expect((await folder.open('sub/empty.txt'))?.sizeBytes).toBe(0);
    const requests = hub.requests.length;
    expect((await folder.list?.())?.files).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'sub/empty.txt']),
    );
    expect(hub.requests).toHaveLength(requests);
    await expect(source.read(0, weights.sizeBytes + 1)).rejects.toMatchObject({ code: 'internal' });
  });

  it('is asked by GET, by single ranges, at its commit, and never for a file that it does not list', async () => {
    const folder = await open({ revision: 'refs/pr/1' });
    expect(await folder.open('tokenizer.json')).toBeNull();
    await expect(folder.open('../secret')).rejects.toMatchObject({ code: 'bad-request' });
    expect(hub.requests).toHaveLength(1);
    // Whatever is pushed now, the commit that was pinned is read.
    hub.repos['org/model'] = { ...hub.repos['org/model']!, revisions: [] };
    await (await folder.open('model.safetensors'))!.read(30 * mebi, 31 * mebi);
    expect(hub.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['GET', 302],
      ['GET', 206],
      ['GET', 302],
      ['GET', 206],
    ]);
  });

  it('refuses names that could lead elsewhere before anything is asked', async () => {
    for (const wrong of [
      { repo: '../org' },
      { repo: 'a/b/c' },
      { revision: '../main' },
      { endpoint: 'file:///etc' },
      { endpoint: 'http://mirror.test', token: 'hf_x' },
    ]) {
      await expect(open(wrong)).rejects.toMatchObject({ code: 'bad-request' });
    }
    expect(hub.requests).toHaveLength(0);
  });

  it('refuses a listing that is none', async () => {
    hub.repos['org/model'] = {
      ...hub.repos['org/model']!,
      files: { 'config.json': plainFile('{}'), '../../etc/passwd': plainFile('') },
    };
    await expect(open()).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('../../etc/passwd'),
    });
    hub.repos['org/model'] = { commit: 'main', revisions: ['main'], files: {} };
    await expect(open()).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('no commit'),
    });
    const answering =
      (body: string, type = 'application/json') =>
      async () =>
        new Response(body, { headers: { 'content-type': type } });
    await expect(open({ fetch: answering('{"sha":') })).rejects.toMatchObject({ code: 'bad-file' });
    await expect(open({ fetch: answering('[]') })).rejects.toMatchObject({ code: 'bad-file' });
    await expect(open({ fetch: answering('<!doctype html>', 'text/html') })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('Check the endpoint'),
    });
  });
});

describe('access', () => {
  const refused = (asked: Asked) =>
    open(asked).then(async (folder) => (await folder.open('model.safetensors'))?.sizeBytes);
  beforeEach(() => {
    hub.repos['org/gated'] = { ...hub.repos['org/model']!, access: 'gated' };
    hub.repos['org/private'] = { ...hub.repos['org/model']!, access: 'private' };
    for (const token of ['in', 'out']) hub.tokens.add(token);
    hub.admitted.add('in');
  });

  it.each<[string, Asked, RegExp]>([
    ['an unknown repository', { repo: 'org/none' }, /no public repository org\/none.*give a token/],
    [
      'an unknown repository, with a token',
      { repo: 'org/none', token: 'in' },
      /no repository org\/none .*this token may see/,
    ],
    ['a private one', { repo: 'org/private' }, /private or gated, give a token/],
    ['an unknown revision', { revision: 'v9' }, /no revision “v9”/],
    [
      'a gated one',
      { repo: 'org/gated' },
      /is gated\. Accept its licence on .*org\/gated, then give a token/,
    ],
    [
      'a gated one, with a token that was not let in',
      { repo: 'org/gated', token: 'out' },
      /this token's account has no access yet/,
    ],
    ['a token that is none', { token: 'wrong' }, /does not accept this token/],
  ])('%s is explained', async (_, asked, message) => {
    await expect(refused(asked)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      retryable: false,
    });
    // What will not change is asked once.
    expect(hub.requests.length).toBeLessThanOrEqual(2);
  });

  it('with a token opens both, and the token never leaves the Hub nor lands in a store', async () => {
    const kept: string[] = [];
    const memory = memoryCache();
    const store: ByteCache = {
      ...memory,
      put: (key, bytes) => (
        kept.push(key, new TextDecoder('latin1').decode(bytes.subarray(0, 1000))),
        memory.put(key, bytes)
      ),
    };
    for (const repo of ['org/gated', 'org/private'])
      await (await (await open({ repo, token: 'in', store })).open('model.safetensors'))!.read(
        9 * mebi,
        10 * mebi,
      );
    expect(
      hub.requests
        .filter(({ server }) => server === 'hub')
        .every(({ authorization }) => authorization === 'Bearer in'),
    ).toBe(true);
    expect(ofStorage()).toHaveLength(4);
    expect(ofStorage().every(({ authorization }) => authorization === null)).toBe(true);
    expect(kept.join().includes('Bearer')).toBe(false);
    expect(kept.some((text) => /\bin\b/.test(text))).toBe(false);
  });
});

const flipped = (stored: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> =>
  stored.with(at, (stored[at] ?? 0) ^ 1);

describe('what was downloaded', () => {
  it('is not fetched again: not by another read, not by another program', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hub-'));
    const first = await file('model.safetensors', { store: directoryCache(directory) });
    await first.read(0, 90_000);
    await first.read(20 * mebi, 30 * mebi);
    expect(counted.received).toBeGreaterThan(16 * mebi);
    expect(counted.kept).toBe(0);
    const before = ofStorage().length;
    const second = await file('model.safetensors', { store: directoryCache(directory) });
    expectBytes(await second.read(0, 90_000), 0, 90_000);
    expectBytes(await second.read(17 * mebi, 31 * mebi), 17 * mebi, 31 * mebi);
    expect(ofStorage()).toHaveLength(before);
    expect(counted.received).toBeLessThan(1000);
    expect(counted.kept).toBe(2 * page + 16 * mebi);
    // The next block is not there.
    await second.read(33 * mebi, 34 * mebi);
    expect(ofStorage()).toHaveLength(before + 1);
    await rm(directory, { recursive: true });
  });

  it('belongs to its commit and its endpoint', async () => {
    const store = memoryCache();
    await (await file('model.safetensors', { store })).read(20 * mebi, 21 * mebi);
    const before = ofStorage().length;
    hub.repos['org/model'] = { ...hub.repos['org/model']!, commit: 'd'.repeat(40) };
    await (await file('model.safetensors', { store })).read(20 * mebi, 21 * mebi);
    await (
      await file('model.safetensors', { store, endpoint: hub.endpoint.replace('127.0.0.1', 'localhost') })
    ).read(20 * mebi, 21 * mebi);
    expect(ofStorage()).toHaveLength(before + 4);
  });

  it('is fetched by blocks that neighbours share; headers by pages', async () => {
    const source = await file('model.safetensors');
    await source.read(0, 8);
    await source.read(0, 100_000);
    expect(ofStorage().map(({ range }) => range)).toEqual([
      [0, page],
      [page, 2 * page],
    ]);
    hub.requests.length = 0;
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => source.read(32 * mebi + i * 5000, 32 * mebi + i * 5000 + 4000)),
    );
    expect(ofStorage().map(({ range }) => range)).toEqual([[32 * mebi, 40 * mebi]]);
    // The rest of the block that the header began.
    await source.read(mebi, mebi + 10);
    expect(ofStorage().at(-1)?.range).toEqual([2 * page, 8 * mebi]);
  });

  it('where nothing can be kept only what is needed is fetched', async () => {
    const nothing: ByteCache = { lasting: false, get: async () => null, put: async () => false };
    const source = await file('model.safetensors', { store: nothing });
    await source.read(20 * mebi, 20 * mebi + 10);
    expectBytes(await source.read(41 * mebi, 41 * mebi + 3 * page), 41 * mebi, 41 * mebi + 3 * page);
    expect(ofStorage().at(-1)?.range).toEqual([41 * mebi, 41 * mebi + 3 * page]);
  });

  it.each<[string, (stored: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ['cut short', (stored) => stored.slice(0, -7)],
    ['one bit in its middle', (stored) => flipped(stored, stored.length >> 1)],
    ['its last bit', (stored) => flipped(stored, stored.length - 1)],
    ['the map of its pages', (stored) => flipped(stored, 36 + 8)],
    ['its hash', (stored) => flipped(stored, 4)],
    ['zeros from its middle on', (stored) => stored.fill(0, stored.length >> 1)],
  ])('that was damaged in its place is fetched anew, and said: %s', async (_, damage) => {
    const memory = memoryCache();
    await (await file('model.safetensors', { store: memory })).read(20 * mebi, 21 * mebi);
    const before = ofStorage().length;
    const store: ByteCache = {
      ...memory,
      get: async (key) => {
        const stored = await memory.get(key);
        return stored && key.includes('block 2') ? damage(stored) : stored;
      },
    };
    const source = await file('model.safetensors', { store });
    expectBytes(await source.read(20 * mebi, 21 * mebi), 20 * mebi, 21 * mebi);
    expect(ofStorage()).toHaveLength(before + 1);
    expect(counted.damaged).toBeGreaterThan(8 * mebi - 10);
  });

  it('lies under its own name: what belongs elsewhere is damage too', async () => {
    const memory = memoryCache();
    const first = await file('model.safetensors', { store: memory });
    await first.read(20 * mebi, 30 * mebi);
    const swapped: ByteCache = {
      ...memory,
      get: async (key) => memory.get(key.replace('block 2', 'block 3')),
    };
    const source = await file('model.safetensors', { store: swapped });
    expectBytes(await source.read(20 * mebi, 21 * mebi), 20 * mebi, 21 * mebi);
    expect(counted.damaged).toBeGreaterThan(0);
  });
});

it('never has more than four requests under way', async () => {
  let running = 0;
  let most = 0;
  const counting: typeof fetch = async (...request) => {
    most = Math.max(most, ++running);
    const response = await fetch(...request);
    const body = await response.arrayBuffer();
    running -= 1;
    const { status, headers } = response;
    return Object.defineProperty(
      new Response(body, { status, headers: [...headers].filter(([name]) => name !== 'content-encoding') }),
      'url',
      { value: response.url },
    );
  };
  const source = await file('model.safetensors', { fetch: counting });
  expectBytes(await source.read(1, weights.sizeBytes), 1, weights.sizeBytes);
  expect(most).toBe(4);
});
