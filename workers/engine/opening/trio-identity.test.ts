import { expect, test } from 'vitest';
import type { Checkpoint } from '../../io/contract.ts';
import type { FactorStore } from '../../merge/factors.ts';
import { TrioHashes } from './trio-identity.ts';

/** Three models of two tensors each and two layers of factors; every read is told. */
function trio(onRead: (what: string) => void) {
  const checkpoint = (label: string): Checkpoint =>
    ({
      label,
      tensors: new Map(
        ['a', 'b'].map((name) => [name, { name, dtype: 'F32', shape: [1], sizeBytes: 4, file: label }]),
      ),
      readRaw: async (name: string, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        onRead(`${label} ${name}`);
        return new TextEncoder().encode(`${label} ${name}`);
      },
    }) as Partial<Checkpoint> as Checkpoint;
  const factors: FactorStore = {
    kernel: 'kernel',
    names: ['x', 'y'],
    keys: new Set(),
    slots: ['x', 'y'].map((id) => ({ id, rows: 1, columns: 1, rank: 1, s: Float32Array.of(1) })),
    read: async (index, signal) => {
      signal.throwIfAborted();
      onRead(`factors ${index}`);
      const one = Float32Array.of(index);
      return { id: '', rows: 1, columns: 1, rank: 1, u: one, s: one, vt: one };
    },
    dispose: () => undefined,
  };
  return new TrioHashes(
    { base: checkpoint('base'), vlm: checkpoint('vlm'), lrm: checkpoint('lrm') },
    factors,
  );
}
const everything = ['base a', 'base b', 'vlm a', 'vlm b', 'lrm a', 'lrm b', 'factors 0', 'factors 1'];
const nothing = (): void => undefined;

test('each model and each layer is read once, however often and by how many jobs at once it is asked for', async () => {
  const reads: string[] = [];
  const hashes = trio((what) => reads.push(what));
  const { signal } = new AbortController();
  const [first, second] = await Promise.all([
    hashes.identity(nothing, signal),
    hashes.identity(nothing, signal),
  ]);
  expect(await hashes.identity(nothing, signal)).toEqual(first);
  expect(second).toEqual(first);
  expect(new Set([...Object.values(first.inputs), ...first.factors]).size).toBe(5);
  expect(reads).toEqual(everything);
});

test('a job that was cancelled leaves what it has hashed to the next', async () => {
  const reads: string[] = [];
  const cancelled = new AbortController();
  const hashes = trio((what) => {
    reads.push(what);
    if (what === 'lrm a' || what === 'factors 0') cancelled.abort(new Error('cancelled'));
  });
  await expect(hashes.identity(nothing, cancelled.signal)).rejects.toThrow('cancelled');
  const { factors } = await hashes.identity(nothing, new AbortController().signal);
  expect(factors).toHaveLength(2);
  // The model that was under way is read again, the two before it are not.
  expect(reads).toEqual([...everything.slice(0, 4), 'lrm a', ...everything.slice(4)]);
});

test('the VLM shows what is not finite in it once it is hashed, the others are not looked at', async () => {
  const bytes = new Uint8Array(Float32Array.of(1, NaN, -Infinity).buffer);
  const model = (label: string): Checkpoint =>
    ({
      label,
      tensors: new Map([['w', { name: 'w', dtype: 'F32', shape: [3], sizeBytes: 12, file: 'f' }]]),
      readRaw: async () => bytes.slice(),
    }) as Partial<Checkpoint> as Checkpoint;
  const factors = { kernel: 'kernel', slots: [] } as Partial<FactorStore> as FactorStore;
  const hashes = new TrioHashes({ base: model('base'), vlm: model('vlm'), lrm: model('lrm') }, factors);
  expect(hashes.findings).toEqual([]);
  await hashes.inputs(nothing, new AbortController().signal);
  expect(hashes.findings).toMatchObject([
    {
      code: 'vlm-values-not-finite',
      tensors: ['w'],
      message: expect.stringContaining('VLM vlm ') as unknown,
    },
  ]);
});
