/** The Hub as it is and as it fails, by a server of our own that behaves like it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HubSource } from '../../../protocol/session.ts';
import { plainFile, sparseFile, type Repo } from '../../../test/hub-repo.ts';
import { startHub, type Fault, type HubServer } from '../../../test/hub-server.ts';
import type { ByteCache, ModelFolder } from '../contract.ts';
import { directoryCache } from '../cache/directory-cache.node.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import type { Backoff } from '../http/backoff.ts';
import { createHub, type HubOptions } from './hub.ts';

const mebi = 2 ** 20;
const page = 2 ** 16;
const commit = 'c0ffee'.padEnd(40, '0');
const weights = sparseFile(new Uint8Array(100_000).fill(1), 100 * mebi + 12_345);
const config = JSON.stringify({ model_type: 'llama', note: 'x'.repeat(3000) });

let hub: HubServer;
beforeAll(async () => {
  hub = await startHub({});
});
afterAll(() => hub.close());

beforeEach(() => {
  for (const id of Object.keys(hub.repos)) delete hub.repos[id];
  hub.repos['org/model'] = {
    commit,
    revisions: ['main', 'refs/pr/1'],
    files: { 'config.json': plainFile(config), 'model.safetensors': weights, 'sub/empty.txt': plainFile('') },
  };
  hub.tokens.clear();
  hub.admitted.clear();
  hub.requests.length = 0;
});
afterEach(() => void hub.faults.splice(0));

const waits: (string | null)[] = [];
/** Called with each of them. */
let onWait: (reason: string | null) => void = () => undefined;
const counted = { received: 0, kept: 0 };
interface Asked extends Partial<HubOptions>, Partial<Omit<HubSource, 'kind'>> {
  readonly signal?: AbortSignal;
}
/** The folder, asked of a hub that has seen nothing yet unless `store` says otherwise. */
async function open({
  store = memoryCache(),
  fetch: get,
  backoff,
  signal,
  ...source
}: Asked = {}): Promise<ModelFolder> {
  waits.length = 0;
  onWait = () => undefined;
  Object.assign(counted, { received: 0, kept: 0 });
  const openHub = createHub({ store, backoff: { firstMs: 1, ...backoff }, ...(get && { fetch: get }) });
  return openHub(
    { kind: 'hub', repo: 'org/model', revision: 'main', endpoint: hub.endpoint, ...source },
    signal,
    {
      received: (bytes) => (counted.received += bytes),
      kept: (bytes) => (counted.kept += bytes),
      waiting: (reason) => {
        waits.push(reason);
        onWait(reason);
      },
    },
  );
}
async function file(path: string, asked?: Asked) {
  const source = await (await open(asked)).open(path);
  if (!source) throw new Error(`${path} was not found`);
  return source;
}
const fault = (
  then: Fault['then'],
  times?: number,
  when: Fault['when'] = ({ path, method }) => path === 'model.safetensors' && method === 'GET',
) => hub.faults.push({ when, then, ...(times !== undefined && { times }) });
const ofStorage = () => hub.requests.filter(({ server }) => server === 'storage');
const onStorage: Fault['when'] = ({ server }) => server === 'storage';
const expectBytes = (found: Uint8Array | undefined, begin: number, end: number) =>
  expect(Buffer.from(found ?? []).equals(Buffer.from(weights.read(begin, end)))).toBe(true);

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

describe('what passes', () => {
  it('is tried again: 500, 503, a refused link of the storage', async () => {
    fault({ status: 503 }, 2);
    fault({ status: 403 }, 1, onStorage);
    fault({ status: 500 }, 1, ({ path }) => path === null);
    expectBytes(await (await file('model.safetensors')).read(0, 8), 0, 8);
    expect(waits.filter((reason) => reason !== null)).toHaveLength(4);
    expect(waits[0]).toMatch(/HTTP 500/);
    expect(waits.at(-1)).toBeNull();
  });

  it('is given up after seven attempts, with the reason', async () => {
    fault({ status: 502 });
    await expect(file('model.safetensors')).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: expect.stringContaining('HTTP 502'),
    });
    expect(hub.requests.filter(({ status }) => status === 502)).toHaveLength(7);
  });

  it('waits as long as a 429 asks, and no longer than two minutes', async () => {
    fault({ status: 429, headers: { 'retry-after': '1' } }, 1);
    const pausesMs: number[] = [];
    const wait: Backoff['wait'] = async (delayMs) => void pausesMs.push(delayMs);
    await file('model.safetensors', { backoff: { wait } });
    expect(pausesMs).toEqual([1000]);
    expect(waits).toEqual(['The Hub limits how often it is asked. The download goes on in 1 s', null]);
    fault({ status: 429, headers: { 'retry-after': '121' } }, 1);
    await expect(file('model.safetensors')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('few minutes'),
    });
    expect(waits).toEqual([]);
  });

  it('waits longer where a 429 does not say how long, or the browser hides it', async () => {
    fault({ status: 429 }, 2);
    const pausesMs: number[] = [];
    const wait: Backoff['wait'] = async (delayMs) => void pausesMs.push(delayMs);
    await file('model.safetensors', { backoff: { firstMs: 20, random: () => 0, wait } });
    // 10 × 20 ms and twice that, of which half is chance.
    expect(pausesMs).toEqual([100, 200]);
  });

  it('ends when it is cancelled, in a pause and during a slow answer', async () => {
    fault({ status: 429, headers: { 'retry-after': '100' } }, 1);
    const stop = new AbortController();
    const folder = await open();
    // The real pause of a hundred seconds, which has just begun.
    const pausing = new Promise<unknown>((resolve) => (onWait = resolve));
    const waiting = folder.open('model.safetensors', stop.signal);
    await pausing;
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const source = (await folder.open('model.safetensors'))!;
    const again = new AbortController();
    const hanging = new Promise<void>((resolve) => fault({ hang: resolve }, 1, onStorage));
    const reading = source.read(20 * mebi, 90 * mebi, again.signal);
    await hanging;
    again.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    // Nobody else is hindered by it.
    expectBytes(await source.read(20 * mebi, 21 * mebi), 20 * mebi, 21 * mebi);
  });

  it('a connection that is cut goes on from the byte it reached', async () => {
    const source = await file('model.safetensors');
    fault({ cutAfterBytes: 3 * mebi + 77 }, 2, onStorage);
    hub.requests.length = 0;
    expectBytes(await source.read(41 * mebi, 42 * mebi), 41 * mebi, 42 * mebi);
    const begin = 40 * mebi;
    expect(ofStorage().map(({ range }) => range)).toEqual([
      [begin, begin + 8 * mebi],
      [begin + 3 * mebi + 77, begin + 8 * mebi],
      [begin + 6 * mebi + 154, begin + 8 * mebi],
    ]);
    expect(ofStorage().reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(8 * mebi);
  });

  it('a server that never gets further is given up', async () => {
    const source = await file('model.safetensors');
    fault({ cutAfterBytes: 1000 }, undefined, onStorage);
    hub.requests.length = 0;
    await expect(source.read(41 * mebi, 42 * mebi)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('lost again and again'),
    });
    expect(ofStorage()).toHaveLength(7);
  });

  it('an answer that is compressed in spite of the range is taken as it is', async () => {
    fault({ compress: true }, undefined, ({ path }) => path === 'config.json');
    const source = await file('config.json');
    expect(new TextDecoder().decode(await source.read(0, source.sizeBytes))).toBe(config);
  });
});

describe('a file that changes', () => {
  const replace = (by: Repo['files'][string]) =>
    (hub.repos['org/model'] = { ...hub.repos['org/model']!, files: { 'model.safetensors': by } });

  it.each([
    ['another etag', sparseFile(new Uint8Array(0), weights.sizeBytes, 'other')],
    ['another size', sparseFile(new Uint8Array(0), weights.sizeBytes + 1, weights.etag)],
    ['less than was asked for', sparseFile(new Uint8Array(0), 20 * mebi, weights.etag)],
  ])('between two ranges, to %s, is an error, and after it the new one can be opened', async (_, other) => {
    const store = memoryCache();
    const source = await file('model.safetensors', { store });
    replace(other);
    await expect(source.read(41 * mebi, 42 * mebi)).rejects.toMatchObject({
      code: 'changed',
      retryable: true,
      message: expect.stringContaining('model.safetensors'),
    });
    const again = await file('model.safetensors', { store });
    expect(again.sizeBytes).toBe(other.sizeBytes);
    expect(
      Buffer.from(await again.read(9 * mebi, 9 * mebi + 9)).equals(
        Buffer.from(other.read(9 * mebi, 9 * mebi + 9)),
      ),
    ).toBe(true);
  });

  it('between the two halves of a cut range as well', async () => {
    // In the pause between them.
    const wait: Backoff['wait'] = async () =>
      void replace(sparseFile(new Uint8Array(0), weights.sizeBytes, 'other'));
    const source = await file('model.safetensors', { backoff: { wait } });
    fault({ cutAfterBytes: mebi }, 1, onStorage);
    await expect(source.read(41 * mebi, 42 * mebi)).rejects.toMatchObject({ code: 'changed' });
    expect(ofStorage().some(({ sentBytes }) => sentBytes === mebi)).toBe(true);
  });
});

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

  it('that was spoilt in its place is fetched anew', async () => {
    const memory = memoryCache();
    await (await file('model.safetensors', { store: memory })).read(20 * mebi, 21 * mebi);
    const spoilt: ByteCache = {
      ...memory,
      get: async (key) => (await memory.get(key))?.slice(0, -7) ?? null,
    };
    const source = await file('model.safetensors', { store: spoilt });
    expectBytes(await source.read(20 * mebi, 21 * mebi), 20 * mebi, 21 * mebi);
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
