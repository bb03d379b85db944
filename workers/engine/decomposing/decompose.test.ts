/**
 * Stage 1 in Node, on made-up matrices: what is done with each, in what order, and what the store gives back.
 */
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { measures } from '../../../core/spectrum/measures.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import type { Checkpoint, FactorCache, TensorEntry } from '../../io/contract.ts';
import { directoryFactorCache } from '../../io/cache/directory-factor-cache.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { entrySize } from '../../kernels/svd/cache.ts';
import { kernelVersion, thinSvd } from '../../kernels/svd/svd.ts';
import { inputs } from '../../kernels/svd/testing/inputs.ts';
import type { SvdRequest, SvdWorkerLike } from '../../pool/contract.ts';
import { inProcessWorker } from '../../pool/in-process.ts';
import { decompose, type DecomposeParts } from './decompose.ts';
import { Jobs } from '../jobs.ts';

/** Large enough for a preview, and small enough for a test. */
const large = [400, 420] as const;
const small = [24, 40] as const;
const { signal } = new AbortController();

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

/** A base of zeros and an LRM that is τ itself, so that τ is what the test says. */
function trioOf(
  matrices: readonly { readonly shape: readonly [number, number]; readonly tau?: Float32Array }[],
) {
  const reads: string[] = [];
  const slots = matrices.map(({ shape }, i): SlotInfo => {
    const name = `model.layers.${i}.mlp.up_proj.weight`;
    return {
      id: `layers.${i}.mlp.up_proj`,
      layer: i,
      kind: 'up',
      shape,
      rank: Math.min(...shape),
      tensors: { base: name, vlm: name, lrm: name },
    };
  });
  const values = matrices.map(
    ({ shape: [rows, cols], tau }, i) => tau ?? inputs['task']!(rows, cols).map((value) => value * (1 + i)),
  );
  const checkpoint = (role: 'base' | 'lrm'): Checkpoint => {
    const entries = slots.map(({ tensors, shape }): [string, TensorEntry] => [
      tensors[role],
      {
        name: tensors[role],
        dtype: 'F32',
        shape,
        sizeBytes: 4 * shape[0] * shape[1],
        file: 'model.safetensors',
      },
    ]);
    const indexOf = new Map(slots.map(({ tensors }, i) => [tensors[role], i]));
    return {
      label: role,
      config: {},
      tensors: new Map(entries),
      metadata: {},
      sizeBytes: 0,
      async readRaw(name) {
        reads.push(`${role} ${indexOf.get(name)}`);
        const tau = values[indexOf.get(name) ?? -1] ?? new Float32Array(0);
        return new Uint8Array((role === 'lrm' ? tau.slice() : new Float32Array(tau.length)).buffer);
      },
      readRange: () => Promise.reject(new Error('not asked for')),
      readFloat32: () => Promise.reject(new Error('not asked for')),
      readText: async () => null,
    };
  };
  const [base, lrm] = [checkpoint('base'), checkpoint('lrm')];
  return { slots, values, reads, checkpoints: { base, lrm, vlm: base } };
}

/** Runs it, and notes what workers were asked and what was said. */
async function run(
  { slots, checkpoints }: Pick<DecomposeParts, 'slots' | 'checkpoints'>,
  cache: FactorCache,
  more: Partial<DecomposeParts> = {},
) {
  const asked: string[] = [];
  const events: OpenEvent[] = [];
  const indexOf = new Map(slots.map(({ shape }, i) => [shape, i]));
  const spawn = (): SvdWorkerLike => {
    const worker = inProcessWorker(cache);
    return {
      ...worker,
      post: (id, request) => (asked.push(said(request, indexOf)), worker.post(id, request)),
    };
  };
  const store = await decompose({
    checkpoints,
    slots,
    cache,
    workers: { spawn, count: 1 },
    onEvent: (event) => events.push(event),
    signal,
    ...more,
  });
  return {
    store,
    asked,
    events,
    spectra: events.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : [])),
  };
}
const said = ({ task, rows, cols }: SvdRequest, _: unknown): string => `${task.kind} ${rows}x${cols}`;
const exactOf = (spectra: readonly SlotSpectrum[]) => spectra.filter(({ exact }) => exact);

describe('files at hand', () => {
  test('are looked at in the model’s order, small ones decomposed at once, and the rest after it, largest first', async () => {
    const trio = trioOf([
      { shape: [400, 420] },
      { shape: small },
      { shape: [400, 440] },
      { shape: [410, 440] },
    ]);
    const { asked, spectra } = await run(trio, memoryFactorCache());
    expect(asked).toEqual([
      'look 400x420',
      'decompose 24x40',
      'look 400x440',
      'look 410x440',
      'decompose 410x440',
      'decompose 400x440',
      'decompose 400x420',
    ]);
    expect(spectra.map(({ slot, exact }) => `${slot}${exact ? '' : '?'}`)).toEqual([
      '0?',
      '1',
      '2?',
      '3?',
      '3',
      '2',
      '0',
    ]);
  });

  test('show previews that are near what replaces them', async () => {
    const { spectra } = await run(trioOf([{ shape: large }, { shape: small }]), memoryFactorCache());
    const [preview, exact] = spectra.filter(({ slot }) => slot === 0) as [SlotSpectrum, SlotSpectrum];
    expect([preview.exact, preview.singularValues.length, exact.exact, exact.singularValues.length]).toEqual([
      false,
      12,
      true,
      400,
    ]);
    expect(preview.singularValues[0]).toBeCloseTo(exact.singularValues[0] as number, 4);
    expect(preview.measures.frobenius / exact.measures.frobenius).toBeCloseTo(1, 5);
    expect(preview.measures.stableRank / exact.measures.stableRank).toBeCloseTo(1, 3);
    expect(Math.abs(preview.measures.noiseEdge / exact.measures.noiseEdge - 1)).toBeLessThan(0.1);
    for (const { id, ofPreview } of measures)
      expect([id, Number.isNaN(preview.measures[id])]).toEqual([id, ofPreview === null]);
  });

  test('report progress in matrices, with an estimate that is zero at the end', async () => {
    const { events } = await run(
      trioOf([{ shape: large }, { shape: small }, { shape: large }]),
      memoryFactorCache(),
    );
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
    expect(progress[0]).toMatchObject({
      stage: 'Decomposing layers',
      done: 0,
      total: 3,
      unit: 'matrices',
      etaMs: null,
    });
    expect(progress.at(-1)).toMatchObject({ done: 3, etaMs: 0 });
  });

  test('give the factors of τ, by slot', async () => {
    const trio = trioOf([{ shape: small }, { shape: [40, 24] }]);
    const { store } = await run(trio, memoryFactorCache());
    for (const [
      index,
      {
        shape: [rows, cols],
        id,
      },
    ] of trio.slots.entries()) {
      const { u, s, vt } = thinSvd(trio.values[index] as Float32Array, rows, cols);
      expect(await store.read(index, signal)).toEqual({ id, rows, columns: cols, rank: 24, u, s, vt });
    }
  });

  test('that hold one matrix twice decompose it once', async () => {
    const [rows, cols] = large;
    const tau = inputs['task']!(rows, cols);
    const trio = trioOf([
      { shape: large, tau },
      { shape: large, tau },
    ]);
    const { store, asked, spectra } = await run(trio, memoryFactorCache());
    expect(asked.filter((what) => what.startsWith('decompose'))).toHaveLength(1);
    expect(exactOf(spectra).map(({ slot }) => slot)).toEqual([0, 1]);
    expect((await store.read(1, signal)).u).toEqual((await store.read(0, signal)).u);
  });

  test('with a value that is not a number say which tensor it is in', async () => {
    const tau = new Float32Array(24 * 40).fill(NaN, 41, 42);
    await expect(run(trioOf([{ shape: small, tau }]), memoryFactorCache())).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('model.layers.0.mlp.up_proj.weight'),
      details: { tensor: 'model.layers.0.mlp.up_proj.weight', row: 1, column: 1 },
    });
  });
});

describe('files over a network', () => {
  test('are read once, the largest matrix first', async () => {
    const trio = trioOf([{ shape: small }, { shape: large }]);
    const { asked, spectra } = await run(
      { ...trio, checkpoints: { ...trio.checkpoints, lrm: { ...trio.checkpoints.lrm, remote: true } } },
      memoryFactorCache(),
    );
    expect(asked).toEqual(['decompose 400x420', 'decompose 24x40']);
    expect(spectra.every(({ exact }) => exact)).toBe(true);
    expect(trio.reads.toSorted()).toEqual(['base 0', 'base 1', 'lrm 0', 'lrm 1']);
  });
});

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

/** Something that a test waits for, and that happens once. */
function happening() {
  let happen = (): void => undefined;
  const event = new Promise<void>((resolve) => (happen = resolve));
  return { event, happen };
}

/** A worker in this thread that even a cancel does not keep from answering. Counts what it was asked. */
function watchedWorker() {
  const inner = inProcessWorker(memoryFactorCache());
  let [posted, answered] = [0, 0];
  let answer = happening();
  const like: SvdWorkerLike = {
    listen: (onReply, onDeath) =>
      inner.listen((reply) => {
        onReply(reply);
        answered++;
        answer.happen();
        answer = happening();
      }, onDeath),
    post(id, request) {
      posted++;
      inner.post(id, request);
    },
    terminate: () => undefined,
  };
  return {
    like,
    get posted() {
      return posted;
    },
    /** When it has answered everything, and what its last answer leads to has been done. */
    async idle(): Promise<void> {
      while (answered < posted) await answer.event;
      // What follows an answer follows by promises alone, so that one turn of the event loop is enough.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

test('a pause holds it after what is under way, in both passes, until it goes on', async () => {
  const jobs = new Jobs();
  const heard: string[] = [];
  const worker = watchedWorker();
  const [first, fourth] = [happening(), happening()];
  const trio = trioOf([{ shape: large }, { shape: large }, { shape: large }]);
  const running = jobs.run('open', (_, pause) =>
    run(trio, memoryFactorCache(), {
      pause,
      workers: { spawn: () => worker.like, count: 1 },
      onEvent: (event) => {
        if (event.type !== 'spectrum') return;
        heard.push(event.spectrum.exact ? 'exact' : 'preview');
        const awaited = { 1: first, 4: fourth }[heard.length];
        if (awaited) jobs.suspend('open', true);
        awaited?.happen();
      },
    }),
  );
  await first.event;
  await worker.idle();
  // Three looks were handed out at once, and are finished.
  expect([worker.posted, heard.length]).toEqual([3, 3]);
  jobs.suspend('open', false);
  await fourth.event;
  await worker.idle();
  expect([worker.posted, heard.length]).toEqual([4, 4]);
  jobs.suspend('open', false);
  jobs.suspend('unknown', true);
  await running;
  expect(heard).toEqual(['preview', 'preview', 'preview', 'exact', 'exact', 'exact']);
});

test('a cancel ends it, and nothing more is said', async () => {
  const controller = new AbortController();
  const heard: SlotSpectrum[] = [];
  const worker = watchedWorker();
  const running = run(trioOf(Array.from({ length: 40 }, () => ({ shape: small }))), memoryFactorCache(), {
    signal: controller.signal,
    workers: { spawn: () => worker.like, count: 1 },
    onEvent: (event) => {
      if (event.type !== 'spectrum') return;
      heard.push(event.spectrum);
      controller.abort(new Error('stopped'));
    },
  });
  await expect(running).rejects.toThrow('stopped');
  // What it had been given it answers still, and nobody listens.
  await worker.idle();
  expect(worker.posted).toBeGreaterThan(1);
  expect(heard).toHaveLength(1);
});
