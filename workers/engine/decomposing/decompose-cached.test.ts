/** What a lasting cache of factors spares, and what it does when it is full. */
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { directoryFactorCache } from '../../io/cache/directory-factor-cache.node.ts';
import { entrySize } from '../../kernels/svd/cache.ts';
import { kernelVersion, thinSvd } from '../../kernels/svd/svd.ts';
import { inputs } from '../../kernels/svd/testing/inputs.ts';
import { exactOf, large, run, signal, small, trioOf } from './testing/made-up-matrices.ts';

const scratch = await mkdtemp(join(tmpdir(), 'decompose-'));
afterAll(() => rm(scratch, { recursive: true }));
let folders = 0;
let folder: string;
beforeEach(() => {
  folder = join(scratch, String(++folders));
});
const files = async () =>
  (await readdir(join(folder, kernelVersion)))
    .filter((name) => name !== 'uses.json')
    .map((name) => join(folder, kernelVersion, name));

describe('a lasting cache', () => {
  const open = (limitBytes = Infinity) =>
    directoryFactorCache(folder, { version: kernelVersion, limitBytes });
  const entryBytes = ([rows, cols]: readonly [number, number]) =>
    entrySize({ rows, cols, kernelVersion }).entryBytes;

  test('spares the second opening everything but a look', async () => {
    const trio = trioOf([{ shape: large }, { shape: small }]);
    const first = await run(trio, open());
    const second = await run(trio, open());
    expect(first.spectra.some(({ cached }) => cached)).toBe(false);
    expect(second.spectra.map(({ slot, cached, exact }) => [slot, cached, exact])).toEqual([
      [0, true, true],
      [1, true, true],
    ]);
    expect(second.asked).toEqual(['look 400x420', 'decompose 24x40']);
    expect(exactOf(second.spectra).map(({ singularValues }) => singularValues)).toEqual(
      exactOf(first.spectra)
        .toSorted((a, b) => a.slot - b.slot)
        .map(({ singularValues }) => singularValues),
    );
  });

  test.each([
    ['vanished', (path: string) => rm(path)],
    ['were cut short', (path: string) => truncate(path, 100)],
    ['were overwritten', (path: string) => writeFile(path, new Uint8Array(entryBytes(small)))],
  ])('whose entries %s when they are read has them made again', async (_, spoil) => {
    const trio = trioOf([{ shape: small }]);
    const { store, asked } = await run(trio, open());
    for (const path of await files()) await spoil(path);
    const { u, vt } = thinSvd(trio.values[0] as Float32Array, ...small);
    expect(await store.read(0, signal)).toMatchObject({ u, vt });
    expect(asked).toEqual(['decompose 24x40', 'decompose 24x40']);
    expect(await store.read(0, signal)).toMatchObject({ u, vt });
    expect(asked).toHaveLength(2);
  });

  test('that is full leaves the rest in memory', async () => {
    const trio = trioOf(Array.from({ length: 10 }, () => ({ shape: small })));
    const { store } = await run(trio, open(1.5 * entryBytes(small)));
    // The one that has room, and those that were under way when it turned out that there is no more.
    expect((await files()).length).toBeLessThanOrEqual(4);
    expect(store.keys.size).toBe((await files()).length);
    await rm(folder, { recursive: true });
    for (const [index, tau] of trio.values.entries())
      expect((await store.read(index, signal)).u).toEqual(thinSvd(tau, ...small).u);
  });

  test('makes room by what was used longest ago, but not by what an open session reads', async () => {
    const old = trioOf([{ shape: small, tau: inputs['noise']!(...small) }]);
    const session = trioOf([{ shape: small, tau: inputs['task']!(...small) }]);
    const next = trioOf([{ shape: small, tau: inputs['task']!(...small).map((value) => 3 * value) }]);
    const cache = open(2.5 * entryBytes(small));
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
    onTestFinished(() => clock.mockRestore());
    await run(old, cache);
    clock.mockReturnValue(2_000_000);
    const { store } = await run(session, cache);
    await run(next, cache, { keep: store.keys });
    const cached = async (trio: typeof old) => (await run(trio, open())).spectra[0]?.cached;
    expect([await cached(session), await cached(next), await cached(old)]).toEqual([true, true, false]);
  });
});
