/**
 * The subspace budget in the store, against the fake engine: gates, history, what was kept, and when it is
 * refused.
 */
import { describe, expect, test } from 'vitest';
import { all, at, gate, opened } from '../../test/opened-store.ts';
import { StudioError } from '../../core/errors.ts';
import { isMeasurable } from './measurable.ts';
import { isStale } from './measure-slice.ts';

const first = (now: Awaited<ReturnType<typeof opened>>['now']) => {
  const slot = now().session?.layout.slots[0];
  if (!slot) throw new Error('no slot');
  return slot;
};

describe('changing the subspace budget', () => {
  test('maps gates, locks and the optimiser’s wishes; undo starts anew; edits go to the new gates', async () => {
    const { now, engine } = await opened();
    now().editGates('Shape', at(0, 1), Float32Array.of(1, 0.25), true);
    now().select({ band: [0, 0.5] });
    await now().setBudget(16);
    const { session, gates, autoGates, undoStack, selection } = now();
    expect(session?.layout).toMatchObject({ budget: 16, size: 28 * 17 });
    expect([...gates.values.subarray(0, 3)]).toEqual([1, 0.25, 0.5]);
    expect([gates.values[16], gates.locks[0], gates.locks[16], gates.locks[17]]).toEqual([0.5, 1, 0, 0]);
    expect(autoGates).toHaveLength(28 * 17);
    expect(undoStack).toHaveLength(0);
    expect(selection.band).toBeNull();

    now().editGates('Tail', at(16), all(1, 0.125), true);
    await expect.poll(async () => (await engine.gates()).values[16]).toBe(0.125);
    now().undo();
    expect(now().gates.values[16]).toBe(0.5);
    now().setOptions({ steps: 3 });
    await now().play();
    expect(now().run.step).toBe(3);
    expect(now().gates.values[16]).not.toBe(0.5);
    expect(now().gates.values[0]).toBe(1);
  });

  test('growing keeps the merge: snapshots, the measured point and the answer stay current', async () => {
    const { now } = await opened();
    await now().setBudget(16);
    now().editGates('Tail', at(16), all(1, 0.25), true);
    now().takeSnapshot('A');
    await now().evaluateCurrent();
    now().setTryIt({ question: 'solve' });
    await now().ask();
    await now().setBudget(null);
    expect([...now().gates.values.subarray(16, 128)]).toEqual(new Array(112).fill(0.25));
    expect([...now().gates.locks.subarray(15, 18)]).toEqual([0, 1, 1]);
    const [snapshot] = now().snapshots;
    expect(now().snapshots).toHaveLength(1);
    expect(snapshot).toMatchObject({ budget: null });
    expect(snapshot?.gates).toBe(now().gates);
    const current = now().measurements.find(({ kind }) => kind === 'current');
    expect(current && isStale(current, now())).toBe(false);
    expect(now().tryIt.asked?.gates).toBe(now().gates);
  });

  test('what shrinking loses is kept first, can be had back, and is not measured as something else', async () => {
    const { now } = await opened();
    const slot = first(now);
    now().editGates(
      'Ramp',
      Uint32Array.from({ length: slot.gates }, (_, i) => i),
      Float32Array.from({ length: slot.gates }, (_, i) => i / slot.gates),
      true,
    );
    await now().evaluateCurrent();
    const before = now().gates;
    await now().setBudget(8);
    const [kept] = now().snapshots;
    expect(kept).toMatchObject({ label: 'Before 8 subspaces', budget: null });
    expect(kept?.gates).toBe(before);
    // The point stays, and is of other gates than those now set.
    const current = now().measurements.find(({ kind }) => kind === 'current');
    expect(current?.gates).toBe(before);
    expect(current && isStale(current, now())).toBe(true);
    const points = now().measurements.length;
    expect(kept && isMeasurable(kept, now())).toBe(false);
    await now().evaluateTrail();
    await now().evaluateSnapshot(kept?.id ?? '');
    expect(now().measurements).toHaveLength(points);

    // Fitted, on purpose and undoable; whole again where every subspace has its gate.
    now().editGates('Close', at(0), all(1, 1), true);
    now().peekSnapshot(kept?.id ?? '');
    expect(now().gates.values).toHaveLength(28 * 9);
    now().peekSnapshot(null);
    now().restoreSnapshot(kept?.id ?? '');
    expect(now().gates.values).toHaveLength(28 * 9);
    expect(now().gates.values[3]).toBe(gate(3 / 128));
    expect(now().toasts.at(-1)?.text).toContain('Choose all subspaces to have it back');
    now().undo();
    expect(now().gates.values[0]).toBe(1);
    await now().setBudget(null);
    now().restoreSnapshot(kept?.id ?? '');
    expect(now().gates.values).toEqual(before.values);
    expect(now().gates.locks).toEqual(before.locks);
  });

  test('a budget that leaves no tail, or the one there is, changes nothing', async () => {
    const { now } = await opened();
    const { session } = now();
    for (const budget of [null, 127, 128, 9999]) await now().setBudget(budget);
    expect(now().session).toBe(session);
  });

  test('is refused in words during a run and a measurement; a failure leaves everything as it was', async () => {
    const { now } = await opened({ stepMs: 3 });
    const run = now().play();
    await expect.poll(() => now().run.state).toBe('running');
    await now().setBudget(16);
    expect(now().toasts.at(-1)?.text).toMatch(/A run is going on\. Stop the run/);
    await now().stop();
    await run;
    const measuring = now().evaluateCurrent();
    await expect.poll(() => now().measuring).not.toBeNull();
    await now().setBudget(16);
    expect(now().toasts.at(-1)?.text).toMatch(/A measurement is going on/);
    await measuring;
    expect(now().session?.layout.budget).toBeNull();

    const broken = await opened({
      failing: { setBudget: new StudioError('device', 'The device was lost.') },
    });
    const { gates, session } = broken.now();
    await broken.now().setBudget(16);
    expect(broken.now()).toMatchObject({ gates, session, changingBudget: false });
    expect(broken.now().toasts.at(-1)?.text).toBe('The device was lost.');
  });

  test('no edit slips in while it changes: its indices would be of another layout', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { now, engine } = await opened({}, (fake) => ({
      ...fake,
      setBudget: async (...args) => {
        await released;
        return fake.setBudget(...args);
      },
    }));
    now().previewGates(at(0), all(1, 0.75));
    const changing = now().setBudget(16);
    // The gesture under way was ended as it was; the rest of its moves fall flat.
    now().previewGates(at(400), all(1, 0));
    now().commitGates('Drag');
    now().editGates('Late', at(401), all(1, 0), true);
    now().undo();
    expect(now().changingBudget).toBe(true);
    release();
    await changing;
    expect(now().changingBudget).toBe(false);
    expect([now().gates.values[0], now().gates.values[400], now().gates.values[401]]).toEqual([
      0.75, 0.5, 0.5,
    ]);
    expect((await engine.gates()).values).toEqual(now().gates.values);
  });

  test('reconnecting after the worker died brings the budget back with the gates', async () => {
    const { now } = await opened();
    await now().setBudget(16);
    now().editGates('Tail', at(16), all(1, 0.125), true);
    now().takeSnapshot('A');
    now().engineLost({
      code: 'device',
      message: 'The compute worker stopped.',
      retryable: true,
      details: {},
    });
    await now().setBudget(4);
    expect(now().session?.layout.budget).toBe(16);
    await now().reconnect();
    expect(now().session?.layout).toMatchObject({ budget: 16, size: 28 * 17 });
    expect([now().gates.values[16], now().gates.locks[16]]).toEqual([0.125, 1]);
    expect(now().snapshots).toHaveLength(1);
  });
});
