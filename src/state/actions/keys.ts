/** Which action a key press asks for. */
import type { KeyedRow } from './action.ts';
import { keyedActions } from './actions.ts';

/** What is read of a `KeyboardEvent`. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Does the press match keys that are written as in the help ("Ctrl Shift Z")? On a Mac, Ctrl is Command too. */
function matchesKeys(keys: string, press: KeyPress): boolean {
  const parts = keys.split(' ');
  const key = parts.at(-1) ?? '';
  if (press.altKey || (press.ctrlKey || press.metaKey) !== parts.includes('Ctrl')) return false;
  // The layout decides whether a question mark takes Shift.
  if (key === '?') return press.key === '?';
  if (press.shiftKey !== parts.includes('Shift')) return false;
  // With Shift the full stop's key writes something else.
  if (key === '.') return press.code === 'Period';
  return press.key.toLowerCase() === (key === 'Space' ? ' ' : key.toLowerCase());
}

/** @param inGatePanel whether a panel of gates has the focus */
export const actionForKeys = (press: KeyPress, inGatePanel: boolean): KeyedRow | null =>
  keyedActions.find(
    ({ keys, within }) =>
      (within !== 'gates' || inGatePanel) && keys.some((written) => matchesKeys(written, press)),
  ) ?? null;
