import type { ActionRow, KeyedRow } from '../state/actions/action.ts';

/** What a tooltip says of an action: what it does, and by which key. "One step (.)" */
export function tooltip<Argument>(about: string, action: ActionRow<Argument> | KeyedRow): string {
  return 'keys' in action ? `${about} (${action.keys[0].replaceAll(' ', '+')})` : about;
}
