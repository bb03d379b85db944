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
});
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
    // A thread that is never done with a matrix: WebAssembly, as the kernel is, in a loop without an end.
    const endless = join(scratch, 'endless.mjs');
    const loop = '0061736d010000000104016000000302010007050101660000' + '0a0901070003400c000b0b';
    await writeFile(
      endless,
      `import { parentPort } from 'node:worker_threads';
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('${loop}', 'hex')));
      parentPort.on('message', () => {
        new BroadcastChannel('${endless}').postMessage('begun');
        exports.f();
      });`,
    );
    const channel = new BroadcastChannel(endless);
    const begun = new Promise((resolve) => (channel.onmessage = resolve));
    let ended: (cause: string) => void = () => undefined;
    const end = new Promise<string>((resolve) => (ended = resolve));
    const pool = new SvdPool({
      spawn: () => {
        const worker = threadSvdWorker(endless, { cacheDirectory: null, cacheLimitBytes: 0 });
        return {
          ...worker,
          listen: (onReply, onDeath) =>
            worker.listen(onReply, (cause) => {
              ended(cause);
              onDeath(cause);
            }),
        };
      },
      workers: 1,
      budgetBytes: 2 ** 30,
    });
    const controller = new AbortController();
    let done = false;
    const run = pool.run([task(4, 4, 1, () => (done = true))], { signal: controller.signal });
    await begun;
    channel.close();
    controller.abort(new StudioError('cancelled', 'Stopped.'));
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await end).toMatch(/^it ended with code/);
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
