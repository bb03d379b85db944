/** Scheduling, with workers that are put together here and answer when they are told to. */
import { describe, expect, test } from 'vitest';
import { StudioError } from '../../core/errors.ts';
import { PauseSwitch } from './pause-switch.ts';
import { bench, turn } from './testing/manual-workers.ts';

const { signal } = new AbortController();

describe('a pool', () => {
  test('begins tasks in order, each worker one, and takes results as they come', async () => {
    const { pool, workers, done, task } = bench(2);
    const run = pool.run(
      ['a', 'b', 'c', 'd'].map((key) => task(key)),
      { signal },
    );
    await turn();
    expect(workers.map(({ keys }) => keys)).toEqual(['a', 'b']);
    workers[1]?.answer();
    await turn();
    expect(workers.map(({ keys }) => keys)).toEqual(['a', 'c']);
    workers[1]?.answer();
    await turn();
    workers[0]?.answer();
    workers[1]?.answer();
    await run;
    expect(done).toEqual(['b', 'c', 'a', 'd']);
  });

  test('reads a little ahead and no further', async () => {
    const { pool, loaded, task } = bench(2);
    void pool.run(
      [...'abcdefghij'].map((key) => task(key)),
      { signal },
    );
    await turn();
    // Two with the workers, three that wait.
    expect(loaded.join('')).toBe('abcde');
  });

  test('gives a worker several where it is told to', async () => {
    const { pool, workers, task } = bench(2);
    void pool.run(
      [...'abcdefg'].map((key) => task(key)),
      { signal, perWorker: 2 },
    );
    await turn();
    expect(workers.map(({ keys }) => keys)).toEqual(['ac', 'bd']);
  });

  test('starts no more workers than it has tasks', async () => {
    const { pool, workers, task } = bench(8);
    const run = pool.run([task('a')], { signal });
    await turn();
    expect(workers).toHaveLength(1);
    workers[0]?.answer();
    await run;
  });

  test('keeps tasks under way within its memory; one that is too large runs alone', async () => {
    const { pool, workers, done, task } = bench(3, 1000);
    const run = pool.run(
      [
        task('A', { peak: 5000 }),
        task('b', { peak: 600 }),
        task('c', { peak: 600 }),
        task('d', { peak: 400 }),
      ],
      { signal },
    );
    await turn();
    expect(workers.map(({ keys }) => keys)).toEqual(['A']);
    workers[0]?.answer();
    await turn();
    // c would be too much beside b, and d waits its turn behind c.
    expect(workers.map(({ keys }) => keys).join('')).toBe('b');
    workers[0]?.answer();
    await turn();
    expect(
      workers
        .map(({ keys }) => keys)
        .sort()
        .join(''),
    ).toBe('cd');
    workers.forEach((worker) => worker.answer());
    await run;
    expect(done.toSorted()).toEqual(['A', 'b', 'c', 'd']);
  });

  test('counts what was read ahead as well', async () => {
    const { pool, loaded, task } = bench(1, 1000);
    void pool.run(
      [
        task('a', { peak: 500, input: 300 }),
        task('b', { peak: 500, input: 300 }),
        task('c', { peak: 500, input: 300 }),
      ],
      { signal },
    );
    await turn();
    // 500 under way and 300 waiting: 300 more would be too much.
    expect(loaded.join('')).toBe('ab');
  });

  test('that is paused finishes what is under way and begins nothing; resumed, it goes on', async () => {
    const { pool, workers, done, loaded, task } = bench(1);
    const pause = new PauseSwitch();
    const run = pool.run(
      [...'abcd'].map((key) => task(key)),
      { signal, pause },
    );
    await turn();
    pause.set(true);
    workers[0]?.answer();
    await turn();
    expect([done.join(''), workers[0]?.keys, loaded.join('')]).toEqual(['a', '', 'abc']);
    pause.set(false);
    await turn();
    for (let i = 0; i < 3; i++) {
      workers[0]?.answer();
      await turn();
    }
    await run;
    expect(done.join('')).toBe('abcd');
  });

  test('that is cancelled ends its workers at once and says nothing more', async () => {
    const { pool, workers, done, task } = bench(2);
    const controller = new AbortController();
    const run = pool.run(
      [...'abc'].map((key) => task(key)),
      { signal: controller.signal },
    );
    await turn();
    controller.abort(new StudioError('cancelled', 'Stopped.'));
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers.every(({ terminated }) => terminated)).toBe(true);
    workers[0]?.answer();
    await turn();
    expect(done).toEqual([]);
  });

  test('can be cancelled while it is paused', async () => {
    const { pool, task } = bench(1);
    const [controller, pause] = [new AbortController(), new PauseSwitch()];
    pause.set(true);
    const run = pool.run([task('a')], { signal: controller.signal, pause });
    controller.abort(new StudioError('cancelled', 'Stopped.'));
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('tries what a dead worker had once more, alone with another one', async () => {
    const { pool, workers, done, loaded, task } = bench(2);
    const run = pool.run(
      [...'abcdef'].map((key) => task(key)),
      { signal, perWorker: 2 },
    );
    await turn();
    expect(workers.map(({ keys }) => keys)).toEqual(['ac', 'bd']);
    workers[0]?.die();
    await turn();
    expect(workers[0]?.terminated).toBe(true);
    // Read again, for what was given to the worker is gone. c waits: b and d are with the other.
    expect(loaded.join('')).toBe('abcdefac');
    expect([workers[2]?.keys, workers[1]?.keys]).toEqual(['a', 'bd']);
    workers[2]?.answer();
    await turn();
    expect(workers[2]?.keys).toBe('c');
    for (let i = 0; i < 8 && done.length < 6; i++) {
      for (const worker of workers.slice(1)) if (worker.posted.length > 0) worker.answer();
      await turn();
    }
    await run;
    expect(done.toSorted().join('')).toBe('abcdef');
    expect(workers).toHaveLength(3);
  });

  test('gives up on what kills a second worker, with its name', async () => {
    const { pool, workers, task } = bench(1);
    const run = pool.run([task('model.layers.0.mlp.up_proj.weight'), task('b')], { signal });
    const failed = expect(run).rejects.toMatchObject({
      code: 'device',
      retryable: true,
      message: expect.stringMatching(/model\.layers\.0\.mlp\.up_proj\.weight.*twice.*out of memory/s),
    });
    await turn();
    workers[0]?.die();
    await turn();
    workers[1]?.die();
    await failed;
    expect(workers).toHaveLength(2);
  });

  test('ends with the first error, in terms of the files', async () => {
    const { pool, workers, task } = bench(2);
    const run = pool.run([task('a'), task('b')], { signal });
    const failed = expect(run).rejects.toMatchObject({ code: 'bad-file', message: 'b: NaN' });
    await turn();
    workers[1]?.fail(new StudioError('bad-file', 'NaN'));
    await failed;
    expect(workers.every(({ terminated }) => terminated)).toBe(true);
  });

  test('ends with an error of reading, and of taking a result', async () => {
    const first = bench(1);
    const unreadable = { ...first.task('a'), load: () => Promise.reject(new StudioError('network', 'gone')) };
    await expect(first.pool.run([unreadable], { signal })).rejects.toMatchObject({ code: 'network' });
    const second = bench(1);
    const full = { ...second.task('a'), done: () => Promise.reject(new StudioError('memory', 'full')) };
    const run = second.pool.run([full], { signal });
    await turn();
    second.workers[0]?.answer();
    await expect(run).rejects.toMatchObject({ code: 'memory' });
  });

  test('uses its workers again in the next run, and new ones after it was closed', async () => {
    const { pool, workers, task } = bench(1);
    for (let runs = 0; runs < 2; runs++) {
      const run = pool.run([task('a')], { signal });
      await turn();
      workers[0]?.answer();
      await run;
    }
    expect(workers).toHaveLength(1);
    pool.close();
    const run = pool.run([task('a')], { signal });
    await turn();
    workers[1]?.answer();
    await run;
  });
});
