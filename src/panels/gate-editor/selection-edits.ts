/**
 * Whole edits of the selection, each one entry of the history: buttons, keys, typed numbers and presets all
 * come here.
 */
import {
  addToGates,
  makeBrush,
  scaleGates,
  setGates,
  smoothGates,
  valuesUnder,
  type Brush,
} from '../../../core/gates/brush.ts';
import { copyCurve } from '../../../core/gates/draw.ts';
import { methodGates, type MethodGates } from '../../../core/merging/method-gates.ts';
import type { GateMethod, MethodSlot, MethodValues } from '../../../core/merging/method.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioStore } from '../../state/types.ts';
import { brushOf, targetLabel, targetOf, type Target } from './target.ts';

/** Standard deviation of one smoothing, as a share of the spectrum. */
export const SMOOTH_SHARE = 0.015;

/** Edits are of the gates in force: a snapshot held up for comparison is put away first. */
function inForce(): StudioStore {
  if (useStudio.getState().peek) useStudio.getState().peekSnapshot(null);
  return useStudio.getState();
}

function edit(
  name: string,
  values: ((brush: Brush, state: StudioStore) => Float32Array) | null,
  lock: boolean | null,
): void {
  const state = inForce();
  const target = targetOf(state);
  if (!target) return;
  const brush = brushOf(target);
  state.editGates(`${name} ${targetLabel(target)}`, brush.indices, values?.(brush, state) ?? null, lock);
}

export const lockSelection = (lock: boolean): void => edit(lock ? 'Lock' : 'Unlock', null, lock);

/** Locks the selection, or frees it where all of it is locked. */
export function toggleSelectionLock(): void {
  const state = inForce();
  const target = targetOf(state);
  if (target) lockSelection(!brushOf(target).indices.every((index) => state.gates.locks[index] === 1));
}

/** Back to what the optimiser last wanted, and free. */
export function returnToAuto(): void {
  edit('Auto', (brush, { autoGates }) => valuesUnder(brush, autoGates), false);
}

export const setSelection = (value: number): void =>
  edit(
    `Set ${Number(value.toFixed(4))}`,
    (brush, { options }) => setGates(brush, value, options.gateMax),
    true,
  );

export function addToSelection(amount: number): void {
  edit(
    `Add ${amount > 0 ? '+' : '−'}${Math.abs(amount)}`,
    (brush, { gates, options }) => addToGates(brush, gates.values, amount, options.gateMax),
    true,
  );
}

export function scaleSelection(factor: number): void {
  edit(
    `Scale ×${factor}`,
    (brush, { gates, options }) => scaleGates(brush, gates.values, factor, options.gateMax),
    true,
  );
}

export const smoothSelection = (): void =>
  edit(
    'Smooth',
    (brush, { gates, options }) => smoothGates(brush, gates.values, SMOOTH_SHARE, options.gateMax),
    true,
  );

export type CopyScope = 'selected' | 'kind' | 'layer' | 'all';

/** Indices of the slots that a copy of the first slot's curve would reach, itself left out. */
export function copyTargets(state: Pick<StudioStore, 'session' | 'selection'>, scope: CopyScope): number[] {
  const target = targetOf(state);
  if (!target || !state.session) return [];
  const { index: from, info } = target.primary;
  const reaches: Readonly<Record<CopyScope, (index: number) => boolean>> = {
    selected: (index) => state.selection.slots.includes(index),
    kind: (index) => state.session?.slots[index]?.kind === info.kind,
    layer: (index) => state.session?.slots[index]?.layer === info.layer,
    all: () => true,
  };
  return state.session.slots
    .map((_, index) => index)
    .filter((index) => index !== from && reaches[scope](index));
}

/** Copies the first slot's curve (in the selected band) to others, by relative position. */
export function copyCurveTo(scope: CopyScope): void {
  const state = inForce();
  const target = targetOf(state);
  const slots = copyTargets(state, scope).flatMap((index) => state.session?.layout.slots[index] ?? []);
  if (!target || slots.length === 0) return;
  const brush = makeBrush(slots, target.band);
  state.editGates(
    `Copy ${targetLabel({ ...target, slots: [target.primary.slot] })} to ${slots.length}`,
    brush.indices,
    copyCurve(brush, state.gates.values, target.primary.slot),
    true,
  );
}

/** What presets need to know of each slot of a brush; null while a spectrum is missing. */
export function presetSlots(
  state: Pick<StudioStore, 'session' | 'spectra'>,
  indices: readonly number[],
): MethodSlot[] | null {
  const lastLayer = Math.max(0, ...(state.session?.slots ?? []).map(({ layer }) => layer));
  const slots = indices.flatMap((index): MethodSlot[] => {
    const spectrum = state.spectra[index];
    const info = state.session?.slots[index];
    return spectrum && info
      ? [
          {
            singularValues: spectrum.singularValues,
            noiseEdge: spectrum.measures.noiseEdge,
            layer: info.layer,
            lastLayer,
          },
        ]
      : [];
  });
  return slots.length === indices.length ? slots : null;
}

export interface PresetPlan {
  readonly brush: Brush;
  readonly result: MethodGates;
}

/** What a preset would do to the selection, or to every matrix. */
export function planPreset(
  state: StudioStore,
  method: GateMethod,
  settings: MethodValues,
  everywhere: boolean,
): PresetPlan | null {
  const target: Target | null = targetOf(state);
  if (!state.session || (!target && !everywhere)) return null;
  const indices = everywhere ? state.session.slots.map((_, index) => index) : state.selection.slots;
  const about = presetSlots(state, indices);
  if (!about) return null;
  const slots = indices.flatMap((index) => state.session?.layout.slots[index] ?? []);
  const brush = makeBrush(slots, everywhere ? null : (target?.band ?? null));
  return {
    brush,
    result: methodGates(method, brush, state.gates.values, about, settings, state.options.gateMax),
  };
}

/** Applies a preset and locks what it set. Returns what was done. */
export function applyPreset(
  method: GateMethod,
  settings: MethodValues,
  everywhere: boolean,
): PresetPlan | null {
  const state = inForce();
  const plan = planPreset(state, method, settings, everywhere);
  if (!plan) return null;
  state.editGates(
    `${method.title}, ${plan.brush.stretches.length} matrices`,
    plan.brush.indices,
    plan.result.values,
    true,
  );
  return plan;
}
