/** The watch over a thread of parsers, with threads whose faults are planted. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WatchedThread } from './watched.ts';

/** Executions 100 to 109 never end, 200 to 209 hold 600 MiB, 300 to 309 end the thread; all others do nothing. */
const planted = `
  import { parentPort, workerData } from 'node:worker_threads';
  const running = new Int32Array(workerData.running);
  const held = [];
  parentPort.on('message', ({ from, to }) => {
    for (let i = from; i < to; i++) {
      Atomics.store(running, 0, i + 1);
      if (i >= 100 && i < 110) for (;;);
      if (i >= 200 && i < 210) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        held.push(Buffer.alloc(600 * 2 ** 20, 1));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      if (i >= 300 && i < 310) throw new Error('planted');
    }
    Atomics.store(running, 0, 0);
    parentPort.postMessage(null);
  });
`;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frism-watched-'));
  await writeFile(join(folder, 'planted.mjs'), planted);
});
afterAll(() => rm(folder, { recursive: true }));

test('a thread does several orders, and one that hangs, holds too much or ends is told and replaced', async () => {
  const thread = new WatchedThread(join(folder, 'planted.mjs'), 1);
  const run = (from: number, to: number) => thread.run({ parser: 'planted', from, to }, () => undefined);
  for (let i = 0; i < 3; i++) expect(await run(0, 50)).toEqual({ kind: 'done' });
  expect(await run(95, 105)).toMatchObject({ kind: 'hang', index: 100 });
  expect(await run(0, 50)).toEqual({ kind: 'done' });
  expect(await run(200, 210)).toMatchObject({ kind: 'memory', index: 200 });
  expect(await run(300, 310)).toMatchObject({ kind: 'crash', what: expect.stringContaining('planted') });
  expect(await run(0, 50)).toEqual({ kind: 'done' });
  await thread.end();
});
