/** The store against the fake engine: opening, history, gestures, late frames and runs. */
import { describe, expect, test } from 'vitest';
import { all, at, gate, opened, source } from '../../test/opened-store.ts';
import { createFakeEngine } from '../client/fake-engine.ts';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { isStale } from './measure-slice.ts';
import { createStudioStore, snapshotInterval } from './store.ts';

describe('opening', () => {
  test('brings session, spectra by slot, gates, options and something to try', async () => {
    const { now } = await opened();
    const { session, spectra, gates, options, tryIt, connection, selection } = now();
    expect(connection.status).toBe('ready');
    expect(spectra.map((spectrum) => spectrum?.slot)).toEqual(session?.slots.map((_, i) => i));
    expect(gates.values).toHaveLength(session?.layout.size ?? -1);
    expect(options).toEqual(session?.defaults);
    expect(tryIt.image).not.toBeNull();
    expect(selection.slots).toEqual([0]);
  });

  test('a failure leaves the earlier session in place and says why', async () => {
    let broken = false;
    const { now } = await opened({}, (engine) => ({
      ...engine,
      open: (...args) =>
        broken
          ? Promise.reject(new StudioError('bad-file', 'model.safetensors is truncated.'))
          : engine.open(...args),
    }));
    const before = now().session;
    const { spectra } = now();
    now().editGates('Close', at(0), all(1, 0), true);
    broken = true;
    await now().open(source);
    expect(now().load).toMatchObject({ status: 'ready', error: { code: 'bad-file' } });
    expect(now().session).toBe(before);
    expect(now().spectra).toBe(spectra);
    expect(now().gates.values[0]).toBe(0);
    expect(now().toasts.at(-1)?.text).toBe('model.safetensors is truncated.');
  });

  test('can be cancelled, and opened again', async () => {
    const engine = createFakeEngine({ stepMs: 5 });
    const store = createStudioStore(engine);
    await store.getState().connect();
    const first = store.getState().open(source);
    await expect.poll(() => store.getState().load.progress).not.toBeNull();
    store.getState().cancelOpen();
    await first;
    expect(store.getState().load).toEqual({ status: 'idle', progress: null, error: null, paused: false });
    expect(store.getState().session).toBeNull();
    await store.getState().open(source);
    expect(store.getState().session).not.toBeNull();
  });
});

describe('while models are opened', () => {
  test('previews come first, each is replaced in its place, and the open session keeps its own spectra', async () => {
    const { now } = await opened({ stepMs: 1, previews: true });
    const { session, spectra } = now();
    const seen: (boolean | null)[][] = [];
    const opening = now().open(source);
    while (now().load.status === 'loading') {
      const states = now().incoming?.spectra.map((spectrum) => spectrum?.exact ?? null);
      if (states) seen.push(states);
      expect(now().session === session && now().spectra === spectra).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await opening;
    const slots = session?.slots ?? [];
    expect(seen.some((states) => states.every((exact) => exact === false))).toBe(true);
    expect(seen.some((states) => states.includes(true) && states.includes(false))).toBe(true);
    expect(seen.every((states) => states.length === slots.length)).toBe(true);
    expect(now().incoming).toBeNull();
    expect(now().session).not.toBe(session);
    expect(now().spectra.map((spectrum) => [spectrum?.exact, spectrum?.singularValues.length])).toEqual(
      slots.map(({ rank }) => [true, rank]),
    );
  });

  test('it can be paused, resumed, and cancelled in a pause', async () => {
    const engine = createFakeEngine({ stepMs: 12 });
    const store = createStudioStore(engine);
    await store.getState().connect();
    const exact = () => store.getState().incoming?.spectra.filter((spectrum) => spectrum?.exact).length ?? 0;
    const first = store.getState().open(source);
    await expect.poll(exact).toBeGreaterThan(2);
    store.getState().pauseOpen();
    expect(store.getState().load.paused).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = exact();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(exact()).toBe(before);
    store.getState().resumeOpen();
    await expect.poll(exact).toBeGreaterThan(before);
    expect(store.getState().load.paused).toBe(false);
    store.getState().pauseOpen();
    store.getState().cancelOpen();
    await first;
    expect(store.getState()).toMatchObject({
      session: null,
      incoming: null,
      load: { status: 'idle', paused: false },
    });
  });
});

describe('gates by hand', () => {
  test('one gesture is one history entry; undo and redo restore values and locks', async () => {
    const { now, engine } = await opened();
    for (const value of [0.4, 0.3, 0.2]) now().previewGates(at(3, 4), all(2, value));
    expect(now().undoStack).toHaveLength(0);
    now().commitGates('Drag');
    expect(now().undoStack.map(({ label }) => label)).toEqual(['Drag']);
    expect([now().gates.values[3], now().gates.locks[3]]).toEqual([gate(0.2), 1]);

    now().undo();
    expect([now().gates.values[3], now().gates.locks[3]]).toEqual([0.5, 0]);
    now().redo();
    expect([now().gates.values[4], now().gates.locks[4]]).toEqual([gate(0.2), 1]);
    await expect.poll(async () => (await engine.gates()).values[4]).toBe(gate(0.2));
    expect((await engine.gates()).locks[4]).toBe(1);
  });

  test('a cancelled gesture leaves nothing behind', async () => {
    const { now, engine } = await opened();
    now().previewGates(at(3), all(1, 0.1));
    now().cancelGesture();
    expect([now().gates.values[3], now().gates.locks[3]]).toEqual([0.5, 0]);
    expect(now().undoStack).toHaveLength(0);
    await expect
      .poll(async () => [(await engine.gates()).values[3], (await engine.gates()).locks[3]])
      .toEqual([0.5, 0]);
  });

  test('undo is refused while a gesture lasts', async () => {
    const { now } = await opened();
    now().editGates('Close', at(1), all(1, 0), true);
    now().previewGates(at(3), all(1, 0.1));
    now().undo();
    expect(now().gates.values[1]).toBe(0);
    now().commitGates('Drag');
    now().undo();
    expect([now().gates.values[1], now().gates.values[3]]).toEqual([0, 0.5]);
  });

  test('an edit that changes nothing is no history entry; a new edit empties redo', async () => {
    const { now } = await opened();
    now().editGates('Nothing', at(1), all(1, 0.5), false);
    expect(now().undoStack).toHaveLength(0);
    now().editGates('Close', at(1), all(1, 0), null);
    now().undo();
    now().editGates('Open', at(2), all(1, 1), null);
    expect(now().redoStack).toHaveLength(0);
  });

  test('a snapshot held up for comparison shows its gates and changes none', async () => {
    const { now, engine } = await opened();
    now().takeSnapshot('A');
    now().editGates('Close', at(0), all(1, 0), true);
    const inForce = now().gates;
    const { revision } = now();
    now().peekSnapshot(now().snapshots[0]?.id ?? '');
    expect(now().gates.values[0]).toBe(0.5);
    now().peekSnapshot(null);
    expect(now().gates).toBe(inForce);
    expect(now().revision).toBe(revision);
    await expect.poll(async () => (await engine.gates()).values[0]).toBe(0);
  });
});

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
    losses: { total: 0, distill: 0, inject: 0, trace: null, composed: null },
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
    expect(now().toasts.at(-1)?.text).toBe('The batch does not fit.');
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
