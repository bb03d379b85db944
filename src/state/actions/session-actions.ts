/** The session that is kept in the browser from one visit to the next. */
import {
  firstOf,
  needsCompute,
  needsModels,
  notWhileAnswering,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileExporting,
  notWhileMeasuring,
  notWhileOpening,
  notWhileReadingImages,
  notWhileRunning,
  type Check,
} from './obstacles.ts';
import { row } from './action.ts';

const somethingWaits: Check = ({ keeping }) => (keeping.waiting ? null : 'No session waits for its models.');

const sourceIsKnown: Check = ({ keeping }) =>
  keeping.waiting?.source === null
    ? 'The models of this session are in folders that the browser cannot open by itself. Choose them again.'
    : null;

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
    obstacle: firstOf(
      notWhileOpening,
      notWhileRunning,
      notWhileMeasuring,
      notWhileAnswering,
      notWhileExporting,
      notWhileChangingBudget,
      notWhileReadingImages,
      notWhileApplyingRecipe,
    ),
    perform: (state, file) => file && state.openSession(file),
  }),
  reopenWaiting: row({
    label: 'Open the models of the session that waits',
    labelNow: () => 'Open its models',
    hint: () => 'Opens the models of this session, and puts everything back that was done with them.',
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
