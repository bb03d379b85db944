/** Faults of the Hub and of the network: which are tried again, how long is waited, and files that change meanwhile. */
import { describe, expect, it } from 'vitest';
import { sparseFile, type Repo } from '../../../test/hub-repo.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import type { Backoff } from '../http/backoff.ts';
import {
  mebi,
  weights,
  config,
  hub,
  waits,
  open,
  file,
  fault,
  ofStorage,
  onStorage,
  expectBytes,
  whenWaiting,
} from './testing/hub-bench.node.ts';

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
    const pausing = new Promise<unknown>((resolve) => whenWaiting(resolve));
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
