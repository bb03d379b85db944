import { beforeEach, describe, expect, test } from 'vitest';
import type { FactorCache } from '../../io/contract.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { encodeFactors } from '../../kernels/svd/cache.ts';
import { kernelVersion, thinSvd } from '../../kernels/svd/svd.ts';
import { inputs } from '../../kernels/svd/testing/inputs.ts';
import { createFactorStore, type StoredFactors } from './factor-store.ts';

const [rows, columns, rank] = [6, 9, 6];
const svd = thinSvd(inputs['noise']!(rows, columns), rows, columns);
const parts = encodeFactors(svd, { rows, cols: columns, kernelVersion });
const head = parts[0] as Uint8Array<ArrayBuffer>;
const facts = { id: 'layers.0.up', rows, columns, rank, s: svd.s };
const { signal } = new AbortController();

let cache: FactorCache;
let remade: number;
const storeOf = (held: StoredFactors['held'], { key = 'key', stored = true } = {}) =>
  createFactorStore([{ facts, key: 'key', held }], cache, async () => {
    remade++;
    if (stored) await cache.put('key', parts);
    return { svd, key, stored };
  });

beforeEach(() => {
  cache = { ...memoryFactorCache(), lasting: true };
  remade = 0;
});

describe('a factor store', () => {
  test('reads vectors from the cache, anew each time', async () => {
    await cache.put('key', parts);
    const store = storeOf(null);
    const first = await store.read(0, signal);
    expect(first).toEqual({ ...facts, u: svd.u, vt: svd.vt });
    expect((await store.read(0, signal)).u).not.toBe(first.u);
    expect(remade).toBe(0);
  });

  test('holds what the cache did not take', async () => {
    const store = storeOf(svd);
    expect((await store.read(0, signal)).u).toBe(svd.u);
    expect(remade).toBe(0);
  });

  test.each([
    ['vanished', null],
    ['was cut short', parts.slice(0, 2)],
    ['has another head', [head.map((byte, i) => (i === 20 ? byte ^ 1 : byte)), ...parts.slice(1)]],
    ['was damaged', [...parts.slice(0, 2), parts[2]?.map((byte, i) => (i === 50 ? byte ^ 1 : byte)) ?? head]],
  ])('makes an entry again that %s, once', async (_, found) => {
    if (found) await cache.put('key', found);
    const store = storeOf(null);
    expect(await store.read(0, signal)).toEqual({ ...facts, u: svd.u, vt: svd.vt });
    await store.read(0, signal);
    expect(remade).toBe(1);
  });

  test('holds what it made again where the cache takes nothing', async () => {
    const store = storeOf(null, { stored: false });
    await store.read(0, signal);
    expect((await store.read(0, signal)).u).toBe(svd.u);
    expect(remade).toBe(1);
  });

  test('says so when the files are no longer those that were opened', async () => {
    await expect(storeOf(null, { key: 'other' }).read(0, signal)).rejects.toMatchObject({
      code: 'mismatch',
      details: { tensor: 'layers.0.up' },
    });
  });

  test('hears a cancel', async () => {
    const gone = AbortSignal.abort(new Error('stopped'));
    await expect(storeOf(svd).read(0, gone)).rejects.toThrow('stopped');
  });
});
