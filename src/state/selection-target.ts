/**
 * What the editor edits: the selected slots in the selected band, the first of them in detail. Read from the
 * store, never cached in it.
 */
import { makeBrush, type Brush } from '../../core/gates/brush.ts';
import { bandRange } from '../../core/gates/bands.ts';
import type { GateSlot } from '../../core/gates/field.ts';
import { isTail, slotName, subspaceNumbers } from '../../core/gates/slot-name.ts';
import type { SlotInfo } from '../../protocol/session.ts';
import type { StudioState } from './types.ts';

export interface Target {
  /** Index in session.slots, with its layout entry and description. */
  readonly primary: { readonly index: number; readonly slot: GateSlot; readonly info: SlotInfo };
  readonly slots: readonly GateSlot[];
  readonly band: readonly [number, number] | null;
}

export function targetOf({ session, selection }: Pick<StudioState, 'session' | 'selection'>): Target | null {
  if (!session) return null;
  const [index] = selection.slots;
  const slot = index === undefined ? undefined : session.layout.slots[index];
  const info = index === undefined ? undefined : session.slots[index];
  if (index === undefined || !slot || !info) return null;
  const slots = selection.slots.flatMap((other) => session.layout.slots[other] ?? []);
  return { primary: { index, slot, info }, slots, band: selection.band };
}

export function brushOf(target: Target, band: readonly [number, number] | null = target.band): Brush {
  return makeBrush(target.slots, band);
}

/** For the history: `0 · q, 1–16` or `5 matrices`. */
export function targetLabel(target: Target): string {
  const where = target.slots.length === 1 ? slotName(target.primary.info) : `${target.slots.length} matrices`;
  return target.band ? `${where}, ${bandLabel(target)}` : where;
}

/** The band in subspace numbers of the first slot, counted from 1: `3–16`, or `tail 17–128`. */
function bandLabel({ primary: { slot }, band }: Target): string {
  const range = bandRange(slot.gates, band);
  return isTail(slot, range) ? `tail ${subspaceNumbers(slot, range)}` : subspaceNumbers(slot, range);
}

/** The same as words of their own: `subspaces 3–16`. */
export function bandName(target: Target): string {
  const { slot } = target.primary;
  return isTail(slot, bandRange(slot.gates, target.band))
    ? bandLabel(target)
    : `subspaces ${bandLabel(target)}`;
}

/** The stretch where two bands overlap; the first one where they do not. */
export function overlap(
  a: readonly [number, number],
  b: readonly [number, number] | null,
): readonly [number, number] {
  if (!b) return a;
  const from = Math.max(a[0], b[0]);
  const to = Math.min(a[1], b[1]);
  return to > from ? [from, to] : a;
}
