import { lossesOf } from '../../test/losses.ts';
import { describe, expect, test } from 'vitest';
import { all, at, gate, opened } from '../../test/opened-store.ts';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { isStale } from './measure-slice.ts';
import { snapshotInterval } from './store.ts';

describe('a run', () => {
  /** An engine whose run is driven from the test. */
  const driven = () => {
    const hold: { emit: (event: RunEvent) => void; end: () => void } = {
      emit: () => undefined,
      end: () => undefined,
    };
    const change = (engine: EngineApi): EngineApi => ({
      ...engine,
      distill: (_job, _options, onEvent) =>
        new Promise<void>((resolve) => {
          hold.emit = onEvent;
          hold.end = resolve;
        }),
    });
    return { hold, change };
  };
  const frame = (revision: number, gates: Float32Array, step = 1): RunEvent => ({
    type: 'step',
    seq: step,
    step,
    steps: 10,
    revision,
    gates,
    stepMs: 1,
    etaMs: 1,
    losses: lossesOf({ distill: 0, inject: 0 }),
    divergence: { first: 0, recent: 0, over: 1 },
  });

  test('a late frame overwrites neither a held nor a freed gate; a frame that knows the edit does', async () => {
    const { hold, change } = driven();
    const { now } = await opened({}, change);
    void now().play();
    await expect.poll(() => now().run.state).toBe('preparing');
    await expect.poll(() => hold.end.length).toBe(1);
    const size = now().gates.values.length;

    now().previewGates(at(7), all(1, 0.1));
    hold.emit(frame(0, all(size, 0.8), 1));
    expect([now().gates.values[7], now().gates.values[8]]).toEqual([gate(0.1), gate(0.8)]);
    now().commitGates('Drag');

    // Freed and moved at once: not locked, but the engine does not know yet.
    const { revision } = now();
    now().editGates('Free', at(7), all(1, 0.3), false);
    hold.emit(frame(revision, all(size, 0.9), 2));
    expect([now().gates.values[7], now().autoGates[7]]).toEqual([gate(0.3), 0.5]);
    hold.emit(frame(revision + 1, all(size, 0.95), 3));
    expect([now().gates.values[7], now().autoGates[7]]).toEqual([gate(0.95), gate(0.95)]);
    hold.end();
  });

  test('plays, pauses, steps, resumes and finishes; the result is kept and measured with the VLM', async () => {
    const { now } = await opened({ stepMs: 2 });
    now().setOptions({ steps: 60 });
    const run = now().play();
    await expect.poll(() => now().run.step).toBeGreaterThan(3);
    await now().pause();
    await expect.poll(() => now().run.state).toBe('paused');
    const { step } = now().run;
    await now().step(2);
    await expect.poll(() => [now().run.state, now().run.step]).toEqual(['paused', step + 2]);
    await now().play();
    await run;
    expect(now().run).toMatchObject({ state: 'finished', step: 60 });
    expect(now().run.losses).toHaveLength(60);
    expect(now().snapshots.map(({ label }) => label)).toEqual(['Step 25', 'Step 50', 'Result, 60 steps']);
    await expect
      .poll(() => now().measurements.map(({ kind }) => kind))
      .toEqual(['vlm', 'current', 'snapshot']);
    expect(now().snapshots.at(-1)?.evaluation).not.toBeNull();
    const [, current] = now().measurements;
    expect(current && isStale(current, now())).toBe(false);
    now().editGates('Close', at(0), all(1, 0), true);
    expect(current && isStale(current, now())).toBe(true);
  });

  test('a single step from idle starts a run that waits', async () => {
    const { now } = await opened({ stepMs: 2 });
    void now().step(1);
    await expect.poll(() => [now().run.state, now().run.step]).toEqual(['paused', 1]);
    await now().stop();
    await expect.poll(() => now().run.state).toBe('stopped');
  });

  test('a run can be stopped while it prepares', async () => {
    const { now } = await opened({ stepMs: 20 });
    const run = now().play();
    await expect.poll(() => now().run.progress).not.toBeNull();
    expect(now().run.state).toBe('preparing');
    await now().stop();
    await run;
    expect(now().run).toMatchObject({ state: 'stopped', step: 0, error: null });
    expect(now().toasts).toEqual([]);
  });

  test('options are fixed while it runs, and a stopped run can be reset', async () => {
    const { now } = await opened({ stepMs: 2 });
    void now().play();
    await expect.poll(() => now().run.step).toBeGreaterThan(0);
    now().setOptions({ lambda: 9 });
    expect(now().options.lambda).not.toBe(9);
    now().reset();
    await expect.poll(() => now().run.state).toBe('idle');
    expect(now().gates.values.every((value) => value === 0.5)).toBe(true);
    expect(now().undoStack.at(-1)?.label).toMatch(/Reset/);
  });

  test('a failure is shown and the session stays usable', async () => {
    let failing = true;
    const { now } = await opened({ stepMs: 0 }, (engine) => ({
      ...engine,
      distill: (...args) =>
        failing
          ? Promise.reject(new StudioError('memory', 'The batch does not fit.'))
          : engine.distill(...args),
    }));
    await now().play();
    expect(now().run).toMatchObject({ state: 'failed', error: { message: 'The batch does not fit.' } });
    expect(now().toasts.at(-1)?.text).toBe('Run 1 failed at step 0. The batch does not fit.');
    failing = false;
    now().setOptions({ steps: 3 });
    await now().play();
    expect(now().run.state).toBe('finished');
  });

  test('edits between two steps keep one snapshot, of before the first', async () => {
    const { now } = await opened();
    // Well before the first snapshot that the run takes by itself.
    const run = now().step(2);
    await expect.poll(() => [now().run.step, now().run.state]).toEqual([2, 'paused']);
    const before = now().gates.values[7];
    for (const value of [0.2, 0.3, 0.4]) now().editGates('Raise', at(7), all(1, value), true);
    const kept = now().snapshots.filter(({ origin }) => origin === 'edit');
    expect(kept).toHaveLength(1);
    expect(kept[0]?.gates.values[7]).toBe(before);
    const { step } = now().run;
    await now().step(1);
    await expect.poll(() => [now().run.step, now().run.state]).toEqual([step + 1, 'paused']);
    now().editGates('Raise', at(7), all(1, 0.5), true);
    expect(now().snapshots.filter(({ origin }) => origin === 'edit')).toHaveLength(2);
    await now().stop();
    await run;
  });

  test('keeps a snapshot every 25 steps, fewer on long runs', () => {
    expect([150, 600, 601, 5000].map(snapshotInterval)).toEqual([25, 25, 50, 225]);
  });
});
