/** The store against the fake engine: opening, history, gestures, late frames and runs. */
import { describe, expect, test } from 'vitest';
import { all, at, gate, opened, paced, source } from '../../test/opened-store.ts';
import { createFakeEngine } from '../client/fake-engine.ts';
import { StudioError } from '../../core/errors.ts';
import { createStudioStore } from './store.ts';

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
    const pace = paced();
    const store = createStudioStore(createFakeEngine({ wait: pace.wait }));
    await store.getState().connect();
    const first = store.getState().open(source);
    await pace.tick(2);
    expect(store.getState().load.progress).not.toBeNull();
    store.getState().cancelOpen();
    await pace.tick();
    await first;
    expect(store.getState().load).toEqual({ status: 'idle', progress: null, error: null, paused: false });
    expect(store.getState().session).toBeNull();
    const second = store.getState().open(source);
    await pace.tick(28);
    await second;
    expect(store.getState().session).not.toBeNull();
  });
});

describe('while models are opened', () => {
  test('previews come first, each is replaced in its place, and the open session keeps its own spectra', async () => {
    const pace = paced();
    let first = true;
    const wait = () => (first ? Promise.resolve() : pace.wait());
    const { now } = await opened({ wait, previews: true });
    first = false;
    const { session, spectra } = now();
    const slots = session?.slots ?? [];
    const opening = now().open(source);
    for (let steps = 1; steps < 2 * slots.length; steps++) {
      await pace.tick();
      expect(now().session === session && now().spectra === spectra).toBe(true);
      expect(now().incoming?.spectra.map((spectrum) => spectrum?.exact ?? null)).toEqual(
        slots.map((_, i) => (i < steps - slots.length ? true : i < steps ? false : null)),
      );
    }
    await pace.tick();
    await opening;
    expect(now().incoming).toBeNull();
    expect(now().session).not.toBe(session);
    expect(now().spectra.map((spectrum) => [spectrum?.exact, spectrum?.singularValues.length])).toEqual(
      slots.map(({ rank }) => [true, rank]),
    );
  });

  test('it can be paused, resumed, and cancelled in a pause', async () => {
    const pace = paced();
    const store = createStudioStore(createFakeEngine({ wait: pace.wait }));
    await store.getState().connect();
    const exact = () => store.getState().incoming?.spectra.filter((spectrum) => spectrum?.exact).length ?? 0;
    const first = store.getState().open(source);
    await pace.tick(3);
    expect(exact()).toBe(3);
    store.getState().pauseOpen();
    expect(store.getState().load.paused).toBe(true);
    await pace.tick(5);
    expect(exact()).toBe(3);
    store.getState().resumeOpen();
    await pace.tick();
    expect(exact()).toBe(4);
    expect(store.getState().load.paused).toBe(false);
    store.getState().pauseOpen();
    store.getState().cancelOpen();
    await pace.tick();
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
