/** Which gates are meant while a snapshot is held up for comparison, and when two fields are the same merge. */
import type { GateField } from '../../core/gates/field.ts';
import type { StudioState } from './types.ts';

/** The gates in force: what `peek` hides, or what is shown. */
export const gatesInForce = (state: Pick<StudioState, 'gates' | 'peek'>): GateField =>
  state.peek?.gates ?? state.gates;

/** Of the last pair compared: selectors ask again and again about the same two fields. */
let compared: { readonly a: GateField; readonly b: GateField; readonly same: boolean } | null = null;

/**
 * Do two fields make the same merged model? Locks do not matter, and neither does how the values came about.
 */
export function sameGates(a: GateField, b: GateField): boolean {
  if (a === b) return true;
  if (compared?.a === a && compared.b === b) return compared.same;
  const same = a.values.length === b.values.length && a.values.every((value, i) => value === b.values[i]);
  compared = { a, b, same };
  return same;
}

/** Of the last locks asked about: every control asks after every change, and frames leave the locks as they are. */
let asked: { readonly locks: Uint8Array; readonly all: boolean } | null = null;

/** Is there no gate that a run could move? Not where there are no gates at all. */
export function isAllLocked(state: Pick<StudioState, 'gates' | 'peek'>): boolean {
  const { locks } = gatesInForce(state);
  if (asked?.locks !== locks) asked = { locks, all: locks.length > 0 && locks.every((lock) => lock === 1) };
  return asked.all;
}
