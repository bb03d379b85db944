/** The editor's gestures on a real store over the fake engine: what they set, hold, undo and restore. */
import { beforeEach, describe, expect, it } from 'vitest';
import { gateMethods } from '../../../core/merging/methods.ts';
import { createFakeEngine } from '../../client/fake-engine.ts';
import { createStudioStore, installStudio, useStudio } from '../../state/store.ts';
import { handleGate, handlePlaces, plotGeometry, tailSpan } from './geometry.ts';
import {
  bandSelectGesture,
  bandValueGesture,
  drawGesture,
  handleGesture,
  handleUnder,
  nudgeHandle,
  smoothGesture,
  type GestureContext,
} from './gestures.ts';
import { elementOfHandle, handleOfElement } from './handle-elements.ts';
import {
  applyPreset,
  copyCurveTo,
  copyTargets,
  type CopyScope,
  returnToAuto,
  setSelection,
  toggleSelectionLock,
} from '../../state/selection-edits.ts';
import { targetLabel, targetOf } from '../../state/selection-target.ts';

let store: ReturnType<typeof createStudioStore>;
const now = () => useStudio.getState();
const lockedCount = () => now().gates.locks.reduce((sum, lock) => sum + lock, 0);

function context(): GestureContext {
  const target = targetOf(now());
  if (!target) throw new Error('nothing is selected');
  return { target, geometry: plotGeometry(700, 300, 'linear', target.primary.slot, now().options.gateMax) };
}

beforeEach(async () => {
  store = createStudioStore(createFakeEngine({ stepMs: 1 }));
  installStudio(store);
  await now().connect();
  await now().open({ kind: 'manifest', url: 'demo' });
});

describe('editor gestures', () => {
  it('a handle follows the pointer, its neighbours stay, and the release is one entry with what it held locked', () => {
    const here = context();
    const { axis, box, y } = here.geometry;
    const places = handlePlaces(axis, null);
    const subspace = handleGate(axis, places[4] ?? 0);
    const start = { x: box.left + (places[4] ?? 0) * box.width, y: y.toPixel(0.5) };
    expect(handleUnder(here, places, start)).toBe(4);
    const session = handleGesture(here, places, 4, start, () => undefined);
    session.move({ x: start.x, y: y.toPixel(0.9) });
    session.move({ x: start.x, y: y.toPixel(0.2) });
    expect(now().gates.values[subspace]).toBeCloseTo(0.2, 5);
    expect(now().undoStack).toHaveLength(0);
    session.commit();
    for (const neighbour of [3, 5])
      expect(now().gates.values[handleGate(axis, places[neighbour] ?? 0)]).toBeCloseTo(0.5, 5);
    expect(now().undoStack).toHaveLength(1);
    expect(now().gates.locks[subspace]).toBe(1);
    expect(now().gates.locks[0]).toBe(0);
    now().undo();
    expect(now().gates.values[subspace]).toBe(0.5);
    expect(lockedCount()).toBe(0);
  });

  it('cancelling restores gates, locks and the handle', () => {
    const here = context();
    const places = handlePlaces(here.geometry.axis, null);
    let shown: readonly number[] = places;
    const session = handleGesture(here, places, 3, { x: 0, y: 0 }, (moved) => (shown = moved));
    session.move({ x: 9, y: -80 });
    expect(shown).not.toEqual(places);
    expect(lockedCount()).toBeGreaterThan(0);
    session.cancel();
    expect(shown).toEqual(places);
    expect(lockedCount()).toBe(0);
    expect(now().gates.values.every((value) => value === 0.5)).toBe(true);
    expect(now().undoStack).toHaveLength(0);
  });

  it('a handle bends every selected matrix at the same relative position', () => {
    now().select({ slots: [1, 6] });
    const here = context();
    const places = handlePlaces(here.geometry.axis, null);
    nudgeHandle(here, places, 2, 0.01);
    now().commitGates('Nudge');
    const subspace = handleGate(here.geometry.axis, places[2] ?? 0);
    for (const { offset } of here.target.slots)
      expect(now().gates.values[offset + subspace]).toBeCloseTo(0.51, 5);
    expect(now().gates.values[subspace]).toBe(0.5);
  });

  it('the tail’s handle is hit anywhere along it and moves the tail of every selected matrix, nothing else', async () => {
    await now().setBudget(16);
    now().select({ slots: [1, 6] });
    const here = context();
    const { axis, y } = here.geometry;
    const places = handlePlaces(axis, null);
    const k = places.length - 1;
    const { left, width } = tailSpan(here.geometry);
    for (const x of [left + 2, left + width - 2])
      expect(handleUnder(here, places, { x, y: y.toPixel(0.5) })).toBe(k);
    const session = handleGesture(here, places, k, { x: left + 2, y: y.toPixel(0.5) }, () => undefined);
    session.move({ x: left - 200, y: y.toPixel(0.8) });
    session.commit();
    for (const { offset } of here.target.slots) {
      expect(now().gates.values[offset + 16]).toBeCloseTo(0.8, 5);
      expect(now().gates.values[offset + 15]).toBe(0.5);
    }
    expect(lockedCount()).toBe(2);
    nudgeHandle(here, places, k, 'floor');
    now().commitGates('Nudge');
    expect(here.target.slots.map(({ offset }) => now().gates.values[offset + 16])).toEqual([0, 0]);
    // The handle before it pulls its own side only.
    nudgeHandle(here, places, k - 1, 'ceiling');
    now().commitGates('Nudge');
    expect(now().gates.values[(here.target.slots[0]?.offset ?? 0) + 16]).toBe(0);
    expect(elementOfHandle(k, 10, places, axis)).toBe(9);
    expect(handleOfElement(9, 10, places, axis)).toBe(k);
    expect(handleOfElement(k, 11, places, axis)).toBe(-1);
    expect(targetLabel({ ...here.target, band: [16 / 17, 1] })).toBe('2 matrices, tail 17–128');
  });

  it('draws along the stroke only, and inside the band when it starts there', () => {
    now().select({ band: [0.25, 0.5] });
    const here = context();
    const { box, y } = here.geometry;
    const at = (u: number) => box.left + u * box.width;
    const session = drawGesture(here, { x: at(0.3), y: y.toPixel(0.8) });
    session.move({ x: at(0.9), y: y.toPixel(0.8) });
    session.commit();
    const touched = [...now().gates.locks.subarray(0, 128)].flatMap((lock, i) => (lock ? [i] : []));
    expect(touched[0]).toBe(38);
    expect(touched.at(-1)).toBe(63);
    for (const i of touched) expect(now().gates.values[i]).toBeCloseTo(0.8, 5);
  });

  it('selects a band by dragging, moves its values, and a click outside clears it', () => {
    const { box } = context().geometry;
    const at = (u: number) => box.left + u * box.width;
    const select = bandSelectGesture(context(), { x: at(0.1), y: 50 });
    select.move({ x: at(0.249), y: 50 });
    select.commit();
    expect(now().selection.band).toEqual([12 / 128, 32 / 128]);

    const add = bandValueGesture(context(), 'add', { x: at(0.2), y: 100 });
    add.move({ x: at(0.2), y: 100 - 0.25 * box.height });
    add.commit();
    expect(now().gates.values[12]).toBeCloseTo(0.75, 5);
    expect(now().gates.values[11]).toBe(0.5);
    expect(lockedCount()).toBe(20);

    bandSelectGesture(context(), { x: at(0.8), y: 50 }).commit();
    expect(now().selection.band).toBeNull();
  });

  it('smoothing under the pointer lessens a step and is one entry', () => {
    now().select({ band: [0, 0.5] });
    setSelection(now(), 1);
    now().select({ band: null });
    const here = context();
    const jump = () => (now().gates.values[63] ?? 0) - (now().gates.values[64] ?? 0);
    expect(jump()).toBe(0.5);
    const session = smoothGesture(here, { x: here.geometry.box.left + 0.5 * here.geometry.box.width, y: 60 });
    session.commit();
    expect(jump()).toBeLessThan(0.2);
    expect(now().undoStack).toHaveLength(2);
  });

  it('what the hand holds stands still while the run trains the rest', async () => {
    const here = context();
    const places = handlePlaces(here.geometry.axis, null);
    const subspace = handleGate(here.geometry.axis, places[4] ?? 0);
    nudgeHandle(here, places, 4, 'floor');
    now().setOptions({ steps: 20 });
    await now().play();
    expect(now().run.step).toBe(20);
    expect(now().gates.values[subspace]).toBe(0);
    expect(now().gates.values[0]).not.toBe(0.5);
    now().commitGates('Held');
    expect(now().gates.locks[subspace]).toBe(1);
    returnToAuto(now());
    expect(lockedCount()).toBe(0);
    expect(now().gates.values[subspace]).toBe(now().autoGates[subspace]);
  });
});

describe('edits of the selection', () => {
  it('lock and unlock by one key', () => {
    now().select({ slots: [0, 2], band: [0, 0.25] });
    toggleSelectionLock(now());
    expect(lockedCount()).toBe(64);
    toggleSelectionLock(now());
    expect(lockedCount()).toBe(0);
  });

  it('a preset is one entry, locked, and tells what gateMax clamped', () => {
    const isoC = gateMethods.find(({ id }) => id === 'iso-c');
    const plan = isoC ? applyPreset(now(), isoC, {}, true) : null;
    expect(plan?.result.clamped).toBeGreaterThan(0);
    expect(now().undoStack).toHaveLength(1);
    expect(lockedCount()).toBe(now().gates.values.length);
  });

  it('copies the first curve to every layer of its kind', () => {
    now().select({ slots: [1], band: null });
    setSelection(now(), 0.125);
    copyCurveTo(now(), 'kind');
    const { session, gates } = now();
    for (const [index, slot] of (session?.layout.slots ?? []).entries()) {
      expect(gates.values[slot.offset + 5]).toBe(session?.slots[index]?.kind === 'k' ? 0.125 : 0.5);
    }
    expect(now().undoStack).toHaveLength(2);
  });

  describe('of a mixture', () => {
    const named = (index: number): number[] => {
      const session = now().session;
      if (!session) throw new Error('The fake session is open.');
      const paths = ['mlp.experts.0.up_proj', 'mlp.experts.1.up_proj', 'mlp.shared_expert.up_proj'];
      const slots = session.slots.map((slot, i) => {
        const path = [...paths, 'self_attn.qkv_proj', 'mlp.router'][i % 7];
        const kind = i % 7 < 3 ? ('up' as const) : ('other' as const);
        return path === undefined ? slot : { ...slot, id: `layers.${slot.layer}.${path}`, kind };
      });
      store.setState({ session: { ...session, slots } });
      now().select({ slots: [index], band: null });
      return slots.map((_, i) => i);
    };
    const targets = (scope: CopyScope): number[] => copyTargets(now(), scope);

    it.each([
      ['an expert', 1],
      ['the shared expert', 2],
      ['a matrix of no known kind', 3],
    ])('%s goes to the same one of other layers', (_, index) => {
      const all = named(index);
      expect(targets('kind')).toEqual(all.filter((i) => i % 7 === index && i !== index));
    });
    it('an expert goes to all experts where that is asked', () => {
      const all = named(1);
      expect(targets('experts')).toEqual(all.filter((i) => i % 7 < 2 && i !== 1));
    });
    it('what is no expert does not', () => {
      named(2);
      expect(targets('experts')).toEqual([]);
    });
  });
});
