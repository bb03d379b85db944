/**
 * Stage 1 in Node, on made-up matrices: what is done with each, in what order, and what the store gives back.
 */
import { describe, expect, test } from 'vitest';
import { measures } from '../../../core/spectrum/measures.ts';
import type { SlotSpectrum } from '../../../protocol/session.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { thinSvd } from '../../kernels/svd/svd.ts';
import { inputs } from '../../kernels/svd/testing/inputs.ts';
import { inProcessWorker } from '../../pool/in-process.ts';
import type { SvdWorkerLike } from '../../pool/contract.ts';
import { Jobs } from '../jobs.ts';
import { exactOf, large, run, signal, small, trioOf } from './testing/made-up-matrices.ts';

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
