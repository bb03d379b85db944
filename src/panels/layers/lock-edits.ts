/** Locking whole matrices: each call is one entry of the history. */
import { makeBrush } from '../../../core/gates/brush.ts';
import { useStudio } from '../../state/store.ts';

/** Locks or frees every gate of these slots; their values stay. */
export function lockSlots(slots: readonly number[], lock: boolean, label: string): void {
  const { session, editGates } = useStudio.getState();
  if (!session) return;
  const chosen = slots.flatMap((index) => session.layout.slots[index] ?? []);
  if (chosen.length > 0) editGates(label, makeBrush(chosen, null).indices, null, lock);
}

/** Locks them, or frees them where all of them are locked. */
export function toggleLock(slots: readonly number[], label: string): void {
  const { session, gates } = useStudio.getState();
  if (!session) return;
  const allLocked = slots.every((index) => {
    const slot = session.layout.slots[index];
    return (
      slot !== undefined &&
      gates.locks.subarray(slot.offset, slot.offset + slot.gates).every((lock) => lock === 1)
    );
  });
  lockSlots(slots, !allLocked, `${allLocked ? 'Unlock' : 'Lock'} ${label}`);
}

/** Locks everything but the selection, so that the optimiser moves nothing else. */
export function soloSelection(): void {
  const { session, selection } = useStudio.getState();
  if (!session) return;
  const others = session.layout.slots
    .map((_, index) => index)
    .filter((index) => !selection.slots.includes(index));
  lockSlots(others, true, 'Solo: lock all but the selection');
}
