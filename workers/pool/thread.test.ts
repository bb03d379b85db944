/**
 * The pool on real threads of Node: the same factors as in this thread, and a cancel that does not wait for a
 * matrix to be done.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StudioError } from '../../core/errors.ts';
import { directoryFactorCache } from '../io/cache/directory-factor-cache.node.ts';
import { decodeFactors } from '../kernels/svd/cache.ts';
import { kernelVersion, thinSvd } from '../kernels/svd/svd.ts';
import { inputs } from '../kernels/svd/testing/inputs.ts';
import type { SvdOutcome, SvdWorkerLike } from './contract.ts';
import { SvdPool, type PoolTask } from './svd-pool.ts';
import { threadSvdWorker } from './thread.node.ts';

let scratch: string;
let entry: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'threads-'));
  const input = fileURLToPath(new URL('../svd.thread.node.ts', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: input,
      outDir: scratch,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'thread.mjs' } },
    },
  });
  entry = join(scratch, 'thread.mjs');
}, 60_000);
afterAll(() => rm(scratch, { recursive: true }));

const spawn = (): SvdWorkerLike =>
  threadSvdWorker(entry, { cacheDirectory: join(scratch, 'cache'), cacheLimitBytes: 2 ** 30 });

function task(
  rows: number,
  cols: number,
  scale: number,
  done: (outcome: SvdOutcome) => void,
): PoolTask & { readonly tau: Float32Array<ArrayBuffer> } {
  const tau = Float32Array.from(inputs['task']!(rows, cols), (value) => scale * value);
  return {
    tau,
    label: `${rows} × ${cols}`,
    inputBytes: 8 * rows * cols,
    peakBytes: 8 * rows * cols,
    load: async () => ({
      rows,
      cols,
      tau: {
        kind: 'difference',
        base: { dtype: 'F32', bytes: new Uint8Array(4 * rows * cols) },
        lrm: { dtype: 'F32', bytes: new Uint8Array(tau.slice().buffer) },
      },
      key: null,
    }),
    task: () => ({ kind: 'decompose', lookUp: true, mayStore: true, wantFactors: false, onDevice: false }),
    done,
    explain: (error) => error,
  };
}

describe('threads', () => {
  test('store the very factors that this thread computes', async () => {
    const pool = new SvdPool({ spawn, workers: 2, budgetBytes: 2 ** 30 });
    const outcomes: SvdOutcome[] = [];
    const tasks = [1, 2, 3, 4].map((scale) => task(60, 90, scale, (outcome) => outcomes.push(outcome)));
    await pool.run(tasks, { signal: new AbortController().signal });
    pool.close();
    const cache = directoryFactorCache(join(scratch, 'cache'), { version: kernelVersion });
    const stored = await Promise.all(
      outcomes.map(async (outcome) => {
        expect(outcome).toMatchObject({ kind: 'exact', cached: false, stored: true, vectors: null });
        const bytes = await cache.get(outcome.key);
        return bytes && decodeFactors(bytes, { rows: 60, cols: 90, kernelVersion });
      }),
    );
    const byStrength = <T extends { readonly s: Float32Array } | null>(all: readonly T[]) =>
      all.toSorted((a, b) => (a?.s[0] ?? 0) - (b?.s[0] ?? 0));
    expect(byStrength(stored)).toEqual(byStrength(tasks.map(({ tau }) => thinSvd(tau, 60, 90))));
  });

  test('are ended in the middle of a matrix', async () => {
    const pool = new SvdPool({ spawn, workers: 1, budgetBytes: 2 ** 30 });
    const controller = new AbortController();
    let done = false;
    // Seconds of work.
    const run = pool.run([task(1600, 1600, 1, () => (done = true))], { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const cancelledMs = performance.now();
    controller.abort(new StudioError('cancelled', 'Stopped.'));
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - cancelledMs).toBeLessThan(200);
    expect(done).toBe(false);
  });

  test('that end by themselves are noticed', async () => {
    const broken = join(scratch, 'broken.mjs');
    await writeFile(
      broken,
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(3));",
    );
    const pool = new SvdPool({
      spawn: () => threadSvdWorker(broken, { cacheDirectory: null, cacheLimitBytes: 0 }),
      workers: 1,
      budgetBytes: 2 ** 30,
    });
    const run = pool.run([task(4, 4, 1, () => undefined)], { signal: new AbortController().signal });
    await expect(run).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('it ended with code 3'),
    });
  });

  test('that cannot be started are noticed', async () => {
    const pool = new SvdPool({
      spawn: () => threadSvdWorker(join(scratch, 'absent.mjs'), { cacheDirectory: null, cacheLimitBytes: 0 }),
      workers: 1,
      budgetBytes: 2 ** 30,
    });
    await expect(
      pool.run([task(4, 4, 1, () => undefined)], { signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'device' });
  });
});
