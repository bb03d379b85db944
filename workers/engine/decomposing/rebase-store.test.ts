/** Stores in another basis, of made-up models of a few small matrices. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Basis } from '../../../core/gates/basis.ts';
import type { Role } from '../../../core/family/trio.ts';
import type { BasisEvent } from '../../../protocol/basis.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint, FactorCache, TensorEntry } from '../../io/contract.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { svdErrors } from '../../kernels/svd/testing/measure.ts';
import type { SlotFactors } from '../../merge/factors.ts';
import { decompose } from './decompose.ts';
import { rebaseStore } from './rebase-store.ts';

const shapes = [
  [6, 9],
  [9, 6],
  [7, 7],
] as const;
const slots = shapes.map((shape, layer): SlotInfo => ({
  id: `layers.${layer}.q`,
  layer,
  kind: 'q',
  shape,
  rank: Math.min(...shape),
  tensors: { base: `b${layer}`, vlm: `v${layer}`, lrm: `l${layer}` },
}));
const numbers = ([rows, columns]: readonly [number, number], which: number): Float32Array =>
  Float32Array.from(
    { length: rows * columns },
    (_, i) => ((((i * i * 31 + i * 67 + which * 131) * 7919) % 1009) - 504) / 512,
  );
const whichOf: Readonly<Record<Role, number>> = { base: 1, vlm: 2, lrm: 3 };

function checkpoint(
  role: Role,
  values = (i: number) => numbers(shapes[i] ?? [0, 0], whichOf[role]),
): Checkpoint {
  const names = slots.map(({ tensors }) => tensors[role]);
  const raw = async (name: string) => new Uint8Array(values(names.indexOf(name)).slice().buffer);
  const entry = (name: string, i: number): TensorEntry => ({
    name,
    dtype: 'F32',
    shape: shapes[i] ?? [],
    sizeBytes: 4 * (shapes[i]?.[0] ?? 0) * (shapes[i]?.[1] ?? 0),
    file: 'model.safetensors',
  });
  return {
    label: role,
    config: {},
    tensors: new Map(names.map((name, i) => [name, entry(name, i)])),
    metadata: {},
    sizeBytes: 0,
    readRaw: raw,
    readRange: async (name, begin, end) => (await raw(name)).slice(begin, end),
    readFloat32: async (name) => new Float32Array((await raw(name)).buffer),
    readText: async () => null,
  };
}

const { signal } = new AbortController();
const all: readonly Basis[] = [
  { id: 'random', seed: 3 },
  { id: 'neurons', seed: null },
  { id: 'svd-base', seed: null },
  { id: 'svd-vlm', seed: null },
];
let cache: FactorCache;
let entries: Map<string, Uint8Array<ArrayBuffer>>;
let events: BasisEvent[];
let checkpoints: Record<Role, Checkpoint>;

beforeEach(() => {
  entries = new Map();
  events = [];
  checkpoints = { base: checkpoint('base'), vlm: checkpoint('vlm'), lrm: checkpoint('lrm') };
  const kept = memoryFactorCache();
  cache = {
    ...kept,
    lasting: true,
    get: async (key) => entries.get(key)?.slice() ?? null,
    head: async (key, sizeBytes) => {
      const entry = entries.get(key);
      return entry ? { bytes: entry.slice(0, sizeBytes), sizeBytes: entry.length } : null;
    },
    put: async (key, parts) => {
      entries.set(key, new Uint8Array(await new Blob([...parts]).arrayBuffer()));
      return true;
    },
  };
});

const workers = { spawn: null, count: 1 };
const opened = (of = slots) =>
  decompose({ checkpoints, slots: of, cache, workers, onEvent: () => undefined, signal });
const rebased = async (basis: Basis, of = slots) =>
  rebaseStore({
    basis,
    source: await opened(of),
    slots: of,
    checkpoints,
    cache,
    workers,
    keep: new Set(),
    onEvent: (event) => events.push(event),
    signal,
  });
const spectraOf = () => events.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : []));
const tauOf = (i: number): Float32Array => {
  const [lrm, base] = [numbers(shapes[i] ?? [0, 0], 3), numbers(shapes[i] ?? [0, 0], 1)];
  return lrm.map((value, at) => value - (base[at] ?? 0));
};
const holds = ({ rows, columns, u, s, vt }: SlotFactors, i: number): void =>
  expect(
    svdErrors(tauOf(i), rows, columns, { u: u.slice(), s: s.slice(), vt: vt.slice() }).reconstruction,
  ).toBeLessThan(1e-6);

describe.each(all)('the basis %o', (basis) => {
  test('holds every task vector whole, tells its pieces, and reads them from the cache the next time', async () => {
    const store = await rebased(basis);
    for (const i of slots.keys()) holds(await store.read(i, signal), i);
    expect(spectraOf().map(({ slot, exact, cached }) => [slot, exact, cached])).toEqual(
      [0, 1, 2].map((slot) => [slot, true, false]),
    );
    const norms = slots.map((_, i) => Math.sqrt(tauOf(i).reduce((sum, x) => sum + x * x, 0)));
    spectraOf().forEach(({ singularValues, measures }, i) => {
      expect([...singularValues]).toEqual([...(store.slots[i]?.s ?? [])]);
      expect(Math.abs(measures.frobenius / (norms[i] ?? 0) - 1)).toBeLessThan(1e-6);
      // What is about singular values means nothing here.
      expect([
        measures.noiseEdge,
        measures.gavishDonohoRank,
        measures.stableRank,
        measures.effectiveRank,
      ]).toEqual([NaN, NaN, NaN, NaN]);
    });
    events = [];
    const again = await rebased(basis);
    expect(spectraOf().every(({ cached }) => cached)).toBe(true);
    expect(again.names).toEqual(store.names);
    expect(await again.read(1, signal)).toEqual(await store.read(1, signal));
  });

  test('is made again, to the same bits, where entries of the cache vanish or are damaged', async () => {
    const store = await rebased(basis);
    const before = await Promise.all(slots.map((_, i) => store.read(i, signal)));
    const names = [...store.names];
    entries.clear();
    expect(await store.read(0, signal)).toEqual(before[0]);
    const own = entries.get(names[1] ?? '');
    expect(own).toBeUndefined();
    expect(await store.read(1, signal)).toEqual(before[1]);
    const entry = entries.get(names[1] ?? '');
    if (!entry) throw new Error('nothing was stored');
    entry[entry.length - 3] = (entry[entry.length - 3] ?? 0) ^ 1;
    expect(await store.read(1, signal)).toEqual(before[1]);
    expect(store.names).toEqual(names);
  });
});

test('names differ by basis, seed and matrix, and are none of the SVD’s', async () => {
  const names = new Set<string>();
  const bases: readonly Basis[] = [...all, { id: 'random', seed: 4 }];
  for (const basis of bases) for (const name of (await rebased(basis)).names) names.add(name);
  for (const name of (await opened()).names) names.add(name);
  expect(names.size).toBe(3 * (bases.length + 1));
});

test('what the cache does not take is held in memory', async () => {
  cache = { ...cache, lasting: false };
  const store = await rebased({ id: 'random', seed: 1 });
  entries.clear();
  expect(store.keys.size).toBe(0);
  for (const i of slots.keys()) holds(await store.read(i, signal), i);
});

describe('what has no such basis is refused by name', () => {
  test('a VLM whose training changed nothing in a layer, a base that is zero there', async () => {
    checkpoints.vlm = checkpoint('vlm', (i) => numbers(shapes[i] ?? [0, 0], i === 1 ? 1 : 2));
    await expect(rebased({ id: 'svd-vlm', seed: null })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('The VLM’s training changed nothing in v1'),
      details: { tensor: 'v1' },
    });
    checkpoints.base = checkpoint('base', (i) => new Float32Array(numbers(shapes[i] ?? [0, 0], 1).length));
    await expect(rebased({ id: 'svd-base', seed: null })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('The base’s matrix b0 is zero everywhere'),
    });
  });

  test('a VLM with a number that is none', async () => {
    checkpoints.vlm = checkpoint('vlm', (i) => numbers(shapes[i] ?? [0, 0], 2).fill(NaN, 4, 5));
    await expect(rebased({ id: 'svd-vlm', seed: null })).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('The difference between v0 (VLM) and b0 (base) cannot be decomposed'),
    });
  });

  test.each(all)('an adapter’s subspaces in %o', async (basis) => {
    const low = slots.map((slot) => ({ ...slot, rank: 2 }));
    if (basis.id === 'random') return;
    await expect(rebased(basis, low)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /The change of layers\.0\.q has 2 subspaces, as an adapter’s has, and 6 directions .* Choose the basis svd or random/,
      ),
    });
  });
});

test('a matrix for which there is no memory is named, with what can be done', async () => {
  const size = 2 ** 18;
  const slot: SlotInfo = { ...(slots[0] as SlotInfo), shape: [size, size], rank: size };
  const none = new Float32Array();
  const facts = { id: slot.id, rows: size, columns: size, rank: size, s: none };
  const source = await opened();
  const huge = {
    ...source,
    slots: [facts],
    names: ['a'],
    read: async () => ({ ...facts, u: none, vt: none }),
  };
  await expect(
    rebaseStore({
      ...{
        basis: { id: 'neurons', seed: null },
        source: huge,
        slots: [slot],
        checkpoints,
        cache,
        workers,
        signal,
      },
      ...{ keep: new Set(), onEvent: () => undefined },
    }),
  ).rejects.toMatchObject({
    code: 'memory',
    message: expect.stringMatching(/write layers\.0\.q, a 262144 × 262144 matrix, in another basis\. Close/),
  });
});

test('cancelling ends it at the next turn', async () => {
  const controller = new AbortController();
  const source = await opened();
  const ended = rebaseStore({
    basis: { id: 'random', seed: 1 },
    source,
    slots,
    checkpoints,
    cache,
    workers,
    keep: new Set(),
    onEvent: (event) => event.type === 'spectrum' && controller.abort(new Error('enough')),
    signal: controller.signal,
  });
  await expect(ended).rejects.toThrow('enough');
});
