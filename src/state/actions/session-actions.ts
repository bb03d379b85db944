/** The session that is kept in the browser from one visit to the next. */
import { firstOf, needsCompute, notWhileOpening, type Check } from './obstacles.ts';
import { row } from './action.ts';

const somethingWaits: Check = ({ keeping }) => (keeping.waiting ? null : 'No session waits for its models.');

const sourceIsKnown: Check = ({ keeping }) =>
  keeping.waiting?.source === null
    ? 'The models of this session are in folders that the browser cannot open by itself. Choose them again.'
    : null;

export const sessionActions = {
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
