/**
 * Whole edits of the selected gates, each one entry of the history: buttons, keys, typed numbers and presets
 * all come here. Every function takes the store's state and does nothing where nothing is selected. Edits are
 * of the gates in force: a snapshot that is held up for comparison is neither read nor changed.
 */
import {
  addToGates,
  makeBrush,
  scaleGates,
  setGates,
  smoothGates,
  valuesUnder,
  type Brush,
} from '../../core/gates/brush.ts';
import { expertOf } from '../../core/family/tensor-names.ts';
import { copyCurve } from '../../core/gates/draw.ts';
import { kindName } from '../../core/gates/slot-name.ts';
import { methodGates, type MethodGates } from '../../core/merging/method-gates.ts';
import type { GateMethod, MethodSlot, MethodValues } from '../../core/merging/method.ts';
import { gatesInForce } from './gates-in-force.ts';
import { brushOf, targetLabel, targetOf, type Target } from './selection-target.ts';
import type { StudioState, StudioStore } from './types.ts';

/** Standard deviation of one smoothing, as a share of the spectrum. */
export const SMOOTH_SHARE = 0.015;

function edit(
  state: StudioStore,
  name: string,
  values: ((brush: Brush, gates: Float32Array) => Float32Array) | null,
  lock: boolean | null,
): void {
  const target = targetOf(state);
  if (!target) return;
  const brush = brushOf(target);
  state.editGates(
    `${name} ${targetLabel(target)}`,
    brush.indices,
    values?.(brush, gatesInForce(state).values) ?? null,
    lock,
  );
}

export const lockSelection = (state: StudioStore, lock: boolean): void =>
  edit(state, lock ? 'Lock' : 'Unlock', null, lock);

/** Locks the selection, or frees it where all of it is locked. */
export function toggleSelectionLock(state: StudioStore): void {
  const target = targetOf(state);
  const { locks } = gatesInForce(state);
  if (target) lockSelection(state, !brushOf(target).indices.every((index) => locks[index] === 1));
}

/** Back to what the optimiser last wanted, and free. */
export function returnToAuto(state: StudioStore): void {
  edit(state, 'Auto', (brush) => valuesUnder(brush, state.autoGates), false);
}

export const setSelection = (state: StudioStore, value: number): void =>
  edit(
    state,
    `Set ${Number(value.toFixed(4))}`,
    (brush) => setGates(brush, value, state.options.gateMax),
    true,
  );

export function addToSelection(state: StudioStore, amount: number): void {
  edit(
    state,
    `Add ${amount > 0 ? '+' : '−'}${Math.abs(amount)}`,
    (brush, gates) => addToGates(brush, gates, amount, state.options.gateMax),
    true,
  );
}

export function scaleSelection(state: StudioStore, factor: number): void {
  edit(
    state,
    `Scale ×${factor}`,
    (brush, gates) => scaleGates(brush, gates, factor, state.options.gateMax),
    true,
  );
}

export const smoothSelection = (state: StudioStore): void =>
  edit(
    state,
    'Smooth',
    (brush, gates) => smoothGates(brush, gates, SMOOTH_SHARE, state.options.gateMax),
    true,
  );

export type CopyScope = 'selected' | 'kind' | 'experts' | 'layer' | 'all';

/** What the matrices of all experts and layers that do the same have in common. */
const kindAcross = (id: string): string =>
  id.replace(/^layers\.\d+\./, '').replace(/\.experts\.\d+\./, '.experts.');

/** Indices of the slots that a copy of the first slot's curve would reach, itself left out. */
export function copyTargets(state: Pick<StudioState, 'session' | 'selection'>, scope: CopyScope): number[] {
  const target = targetOf(state);
  if (!target || !state.session) return [];
  const { index: from, info } = target.primary;
  const { slots } = state.session;
  const idAt = (index: number): string => slots[index]?.id ?? '';
  const nameAt = (index: number): string | null => {
    const slot = slots[index];
    return slot ? kindName(slot) : null;
  };
  const reaches: Readonly<Record<CopyScope, (index: number) => boolean>> = {
    selected: (index) => state.selection.slots.includes(index),
    // By name: of a mixture the same expert, and of matrices of no known kind those that are called the same.
    kind: (index) => nameAt(index) === kindName(info),
    experts: (index) => expertOf(idAt(index)) !== null && kindAcross(idAt(index)) === kindAcross(info.id),
    layer: (index) => state.session?.slots[index]?.layer === info.layer,
    all: () => true,
  };
  return state.session.slots
    .map((_, index) => index)
    .filter((index) => index !== from && reaches[scope](index));
}

/** Copies the first slot's curve (in the selected band) to others, by relative position. */
export function copyCurveTo(state: StudioStore, scope: CopyScope): void {
  const target = targetOf(state);
  const slots = copyTargets(state, scope).flatMap((index) => state.session?.layout.slots[index] ?? []);
  if (!target || slots.length === 0) return;
  const brush = makeBrush(slots, target.band);
  state.editGates(
    `Copy ${targetLabel({ ...target, slots: [target.primary.slot] })} to ${slots.length}`,
    brush.indices,
    copyCurve(brush, gatesInForce(state).values, target.primary.slot),
    true,
  );
}

/** What presets need to know of each slot of a brush; null while a spectrum is missing. */
export function presetSlots(
  state: Pick<StudioState, 'session' | 'spectra'>,
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
  state: Pick<StudioState, 'session' | 'spectra' | 'selection' | 'gates' | 'peek' | 'options'>,
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
    result: methodGates(method, brush, gatesInForce(state).values, about, settings, state.options.gateMax),
  };
}

/** Applies a preset and locks what it set. Returns what was done. */
export function applyPreset(
  state: StudioStore,
  method: GateMethod,
  settings: MethodValues,
  everywhere: boolean,
): PresetPlan | null {
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
