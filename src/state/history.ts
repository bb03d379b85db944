/**
 * Undo and redo of one entry. What is left is kept in the entry as it was, so that the way back leads there again:
 * a run may have trained the gates since. Where an edit changed locks alone, values are the training's and stay.
 */
import type { GateEdit, GateField } from '../../core/gates/field.ts';
import type { HistoryEntry } from './records.ts';

/** A field at some gates. */
export function partOf(field: GateField, indices: Uint32Array): HistoryEntry['before'] {
  return {
    values: Float32Array.from(indices, (index) => field.values[index] ?? 0),
    locks: Uint8Array.from(indices, (index) => field.locks[index] ?? 0),
  };
}

/**
 * @param now the field that is left
 * @returns the edit that goes to that end of the entry, and the entry for the way back
 */
export function travelled(
  { before, after, ...entry }: HistoryEntry,
  now: GateField,
  end: 'before' | 'after',
): { readonly edit: GateEdit; readonly entry: HistoryEntry } {
  const { indices } = entry;
  const left = partOf(now, indices);
  const goal = end === 'before' ? before : after;
  const isLockAlone = (i: number): boolean => before.values[i] === after.values[i];
  const values = goal.values.map((value, i) => (isLockAlone(i) ? (left.values[i] ?? value) : value));
  const reached = { values, locks: goal.locks };
  const onlyLocks = values.every((_, i) => isLockAlone(i));
  return {
    edit: { indices, values: onlyLocks ? null : values, locks: goal.locks },
    entry:
      end === 'before'
        ? { ...entry, before: reached, after: left }
        : { ...entry, before: left, after: reached },
  };
}
