/**
 * What an action is: one thing that a person can do, described once. Button, menu, key, help and command
 * palette all read the same row, so that they agree on its name and on whether it can be done now.
 */
import type { StudioState, StudioStore } from '../types.ts';
import { objected } from './obstacles.ts';

export interface ActionRow<Argument = void> {
  /** What it does, in a few words: the name on a button, in the help and in a palette. */
  readonly label: string;
  /** The name at this moment, where it changes: Run, Pause, Resume. */
  readonly labelNow?: (state: StudioState) => string;
  /** A sentence of explanation beyond the label, for the tooltip. */
  readonly hint?: (state: StudioState, argument: Argument) => string;
  readonly icon?: IconName;
  /** Why it cannot be done now, as whole sentences for people; null where it can. */
  readonly obstacle: (state: StudioState, argument: Argument) => string | null;
  /** Does it, and returns what the store returns. Not called where there is an obstacle: see `attempt`. */
  readonly perform: (state: StudioStore, argument: Argument) => unknown;
}

/** An action with a key. What a key does takes no argument. */
export interface KeyedRow extends ActionRow {
  /** Each as the help shows it: modifiers first, then the key, with blanks between them ("Shift ."). */
  readonly keys: readonly [string, ...string[]];
  /** `gates`: the keys count only while a panel of gates has the focus. */
  readonly within?: 'gates';
}

/** Types a row where it stands, without widening it. */
export const row = <Argument = void>(made: ActionRow<Argument>): ActionRow<Argument> => made;
export const keyed = (made: KeyedRow): KeyedRow => made;

/** Names of pictures; the page draws them (`src/ui/icons.tsx`). */
export type IconName =
  | 'auto'
  | 'band'
  | 'calibration'
  | 'cancel'
  | 'copy'
  | 'defaults'
  | 'delete'
  | 'demo'
  | 'download'
  | 'draw'
  | 'folder'
  | 'keep'
  | 'keyboard'
  | 'layers'
  | 'lock'
  | 'measure'
  | 'open'
  | 'pairing'
  | 'pause'
  | 'play'
  | 'recipe'
  | 'redo'
  | 'reset'
  | 'restore'
  | 'send'
  | 'shape'
  | 'smooth'
  | 'solo'
  | 'step'
  | 'steps'
  | 'stop'
  | 'storage'
  | 'sweep'
  | 'text'
  | 'theme'
  | 'undo'
  | 'unlock'
  | 'wand';

/** Says why the action cannot be done now. True where there was something to say. */
export function refused(state: StudioStore, action: ActionRow): boolean;
export function refused<Argument>(
  state: StudioStore,
  action: ActionRow<Argument>,
  argument: Argument,
): boolean;
export function refused<Argument>(
  state: StudioStore,
  action: ActionRow<Argument>,
  argument?: Argument,
): boolean {
  return objected(state, () => action.obstacle(state, argument as Argument));
}

/** Does the action, or says why it cannot be done now. The one way in for buttons, keys and palettes. */
export function attempt(state: StudioStore, action: ActionRow): void;
export function attempt<Argument>(state: StudioStore, action: ActionRow<Argument>, argument: Argument): void;
export function attempt<Argument>(
  state: StudioStore,
  action: ActionRow<Argument>,
  argument?: Argument,
): void {
  const given = argument as Argument;
  if (!refused(state, action, given)) action.perform(state, given);
}
