/**
 * Everything that a person can do on the page: one row an action, grouped in files by what it is about. Adding
 * an action is adding its row there. Buttons show it by `src/controls/`, keys and the keyboard help find it
 * here, and the store's own functions refuse what its obstacle forbids.
 */
import { gateActions } from './gate-actions.ts';
import type { ActionRow, KeyedRow } from './action.ts';
import { measureActions } from './measure-actions.ts';
import { methodActions } from './method-actions.ts';
import { modelActions } from './model-actions.ts';
import { outputActions } from './output-actions.ts';
import { pageActions } from './page-actions.ts';
import { runActions } from './run-actions.ts';
import { sessionActions } from './session-actions.ts';
import { storageActions } from './storage-actions.ts';

export const actions = {
  ...runActions,
  ...gateActions,
  ...measureActions,
  ...outputActions,
  ...methodActions,
  ...modelActions,
  ...sessionActions,
  ...storageActions,
  ...pageActions,
};

export type ActionId = keyof typeof actions;

const hasKeys = (row: ActionRow<never>): row is KeyedRow => 'keys' in row;

/** In the order in which the help lists them. */
export const keyedActions: readonly KeyedRow[] = Object.values<ActionRow<never>>(actions).filter(hasKeys);
