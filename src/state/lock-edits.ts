/** Locking whole matrices: each call is one entry of the history, and does nothing where no models are open. */
import { makeBrush } from '../../core/gates/brush.ts';
import { gatesInForce } from './gates-in-force.ts';
import type { StudioStore } from './types.ts';

/** Locks or frees every gate of these slots; their values stay. */
export function lockSlots(
  { session, editGates }: StudioStore,
  slots: readonly number[],
  lock: boolean,
  label: string,
): void {
  if (!session) return;
  const chosen = slots.flatMap((index) => session.layout.slots[index] ?? []);
  if (chosen.length > 0) editGates(label, makeBrush(chosen, null).indices, null, lock);
}

/** Locks them, or frees them where all of them are locked. */
export function toggleLock(state: StudioStore, slots: readonly number[], label: string): void {
  const { session } = state;
  const { locks } = gatesInForce(state);
  if (!session) return;
  const allLocked = slots.every((index) => {
    const slot = session.layout.slots[index];
    return (
      slot !== undefined && locks.subarray(slot.offset, slot.offset + slot.gates).every((lock) => lock === 1)
    );
  });
  lockSlots(state, slots, !allLocked, `${allLocked ? 'Unlock' : 'Lock'} ${label}`);
}

/** Locks everything but the selection, so that the optimiser moves nothing else. */
export function soloSelection(state: StudioStore): void {
  const { session, selection } = state;
  if (!session) return;
  const others = session.layout.slots
    .map((_, index) => index)
    .filter((index) => !selection.slots.includes(index));
  lockSlots(state, others, true, 'Solo: lock all but the selection');
}
