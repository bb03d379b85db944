/** Sessions that are kept in the browser from one visit to the next. */
import type { ShelfEntry } from '../keeping/shelf.ts';
import type { StudioState } from '../types.ts';
import {
  firstOf,
  needsCompute,
  needsModels,
  never,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileOpening,
  notWhileWorking,
  type Check,
} from './obstacles.ts';
import { row } from './action.ts';

const somethingWaits: Check = ({ keeping }) => (keeping.waiting ? null : 'No session waits for its models.');

const sourceIsKnown: Check = ({ keeping }) =>
  keeping.waiting?.source === null && keeping.waiting.toAllow.length === 0
    ? 'The models of this session are in folders that the browser cannot open by itself. Choose them again.'
    : null;

const hasToAllow = ({ keeping }: StudioState): boolean => (keeping.waiting?.toAllow.length ?? 0) > 0;

const nameOf = ({ recents }: StudioState, id: string): string =>
  recents?.find((entry) => entry.id === id)?.name ?? 'the session';

const notOnPage = ({ keeping }: StudioState, id: string): string | null =>
  keeping.id === id ? 'This session is on the page. Open others first.' : null;

export const sessionActions = {
  saveSession: row({
    label: 'Save the session to a file',
    labelNow: () => 'Save session',
    hint: () =>
      'Downloads everything that was done with these models as one .frism file: gates, settings, history, snapshots and measurements. No weights are in it.',
    icon: 'download',
    obstacle: firstOf(needsModels, notWhileChangingBudget, notWhileApplyingRecipe),
    perform: (state) => state.saveSession(),
  }),
  /** The argument is null where only the obstacle is asked for, before a file is chosen. */
  openSession: row<File | null>({
    label: 'Open session…',
    icon: 'open',
    obstacle: notWhileWorking,
    perform: (state, file) => file && state.openSession(file),
  }),
  /** The argument is the session's id, here and below. */
  openRecent: row<string>({
    label: 'Open a recent session',
    labelNow: () => 'Open',
    hint: (state, id) => `Opens the models of “${nameOf(state, id)}”, and puts back what was done with them.`,
    icon: 'restore',
    obstacle: (state, id) => firstOf(needsCompute, notWhileWorking)(state) ?? notOnPage(state, id),
    perform: (state, id) => state.openRecent(id),
  }),
  renameRecent: row<Pick<ShelfEntry, 'id' | 'name'>>({
    label: 'Rename a session',
    icon: 'draw',
    obstacle: never,
    perform: (state, { id, name }) => state.renameRecent(id, name),
  }),
  deleteRecent: row<string>({
    label: 'Delete a session',
    hint: (state, id) => `Deletes “${nameOf(state, id)}” from this browser. Models stay.`,
    icon: 'delete',
    obstacle: notOnPage,
    perform: (state, id) => state.deleteRecent(id),
  }),
  bringBackRecent: row({
    label: 'Bring back the session that was deleted last',
    labelNow: () => 'Undo deleting',
    icon: 'undo',
    obstacle: ({ deletedRecent }) => (deletedRecent === null ? 'No session was deleted.' : null),
    perform: (state) => state.bringBackRecent(),
  }),
  reopenWaiting: row({
    label: 'Open the models of the session that waits',
    labelNow: (state) => (hasToAllow(state) ? 'Allow the folders' : 'Open its models'),
    hint: (state) =>
      hasToAllow(state)
        ? 'Has the browser ask you whether this page may read the folders of this session again, opens them, and puts everything back that was done with them.'
        : 'Opens the models of this session, and puts everything back that was done with them.',
    icon: 'restore',
    obstacle: firstOf(somethingWaits, sourceIsKnown, needsCompute, notWhileOpening),
    perform: (state) => state.reopenWaiting(),
  }),
  leaveWaiting: row({
    label: 'Leave the session that waits',
    labelNow: () => 'Leave it',
    hint: () => 'Goes on without it. It stays stored in the browser.',
    icon: 'cancel',
    obstacle: somethingWaits,
    perform: (state) => state.leaveWaiting(),
  }),
};
