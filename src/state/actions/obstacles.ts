/**
 * The reasons why something cannot be done now, each in one place. A check takes the state and answers with
 * whole sentences for people, or with null where it has no objection. Actions are made of these.
 */
import { codesOf, unaccepted } from '../../../core/family/accept-findings.ts';
import { isAllLocked } from '../gates-in-force.ts';
import type { WayOut } from '../records.ts';
import { isRunActive } from '../run-state.ts';
import type { StudioState, StudioStore } from '../types.ts';

export type Check = (state: StudioState) => string | null;

const everyGateLocked =
  'Every gate is locked, so a run could not move any. Unlock the gates that it is to learn.';

const unfit = 'A merge of these models would be wrong';

/** By how an obstacle begins. */
const waysOut: readonly (readonly [string, WayOut])[] = [
  [everyGateLocked, 'unlockAll'],
  [unfit, 'pairing'],
];

/** Says an obstacle, with the way out of it where there is one that can be offered. */
export const sayObstacle = (state: StudioStore, obstacle: string): void =>
  state.notify('warning', obstacle, waysOut.find(([begin]) => obstacle.startsWith(begin))?.[1]);

/** Says the objection of a check. True where there was one. */
export function objected(state: StudioStore, check: Check): boolean {
  const obstacle = check(state);
  if (obstacle !== null) sayObstacle(state, obstacle);
  return obstacle !== null;
}

/** The first objection of several. */
export const firstOf =
  (...checks: readonly Check[]): Check =>
  (state) => {
    for (const check of checks) {
      const obstacle = check(state);
      if (obstacle !== null) return obstacle;
    }
    return null;
  };

export const never: Check = () => null;

export const needsCompute: Check = ({ connection: { status } }) => {
  switch (status) {
    case 'ready':
      return null;
    case 'starting':
      return 'Compute is still starting.';
    case 'lost':
    case 'failed':
      return 'Compute is not running. Restart it first.';
    default:
      return status satisfies never;
  }
};

export const needsModels: Check = ({ session, load }) =>
  session
    ? null
    : load.status === 'loading'
      ? 'The models are still being opened.'
      : 'No models are open. Open three models first.';

/** Models that can be run, not only merged. */
export const needsForward: Check = (state) => {
  const { session } = state;
  return session?.forward.available === false ? session.forward.reason : needsModels(state);
};

/** There is something that a run can learn. */
export const needsFreeGates: Check = (state) => (isAllLocked(state) ? everyGateLocked : null);

export const notWhileRunning: Check = ({ run }) =>
  isRunActive(run) ? 'A run is going on. Stop the run to change this.' : null;

export const notWhileOpening: Check = ({ load }) =>
  load.status === 'loading' ? 'Models are being opened. Wait until they are open, or cancel that.' : null;

export const notWhileMeasuring: Check = ({ measuring }) =>
  measuring ? 'A measurement is going on. Wait until it has ended, or cancel it.' : null;

export const notWhileAnswering: Check = ({ tryIt }) =>
  tryIt.status === 'answering' ? 'A question is being answered. Wait until it has been, or cancel it.' : null;

export const notWhileExporting: Check = ({ exporting }) =>
  exporting.status === 'exporting'
    ? 'An export is being written. Wait until it has ended, or cancel it.'
    : null;

/** An error among the findings: a merge would be wrong, so a run is in vain, and the engine refuses to write it. */
export const needsFit: Check = ({ session, exporting }) => {
  const open = codesOf(unaccepted(session?.pairing.findings ?? [], exporting.accepted));
  return open.length === 0
    ? null
    : `${unfit} (${open.join(', ')}). See in the pairing report what was found, and accept it there to go on all the same.`;
};

export const notWhileChangingBudget: Check = ({ changingBudget }) =>
  changingBudget ? 'The subspace budget is being changed. Wait until that has ended.' : null;

export const notWhileReadingImages: Check = ({ calibration }) =>
  calibration.status === 'reading'
    ? 'Calibration images are being looked through. Wait until that has ended, or cancel it.'
    : null;

export const notWhileApplyingRecipe: Check = ({ recipe }) =>
  recipe.status === 'applying' ? 'A recipe is being applied. Wait until that has ended.' : null;

/** Nothing goes on that needs the models, the gates or the device as they are. */
export const notWhileWorking = firstOf(
  notWhileOpening,
  notWhileRunning,
  notWhileMeasuring,
  notWhileAnswering,
  notWhileExporting,
  notWhileChangingBudget,
  notWhileReadingImages,
  notWhileApplyingRecipe,
);

/** Gates can be edited: an edit's indices would otherwise be of the one layout or the other. */
export const canEdit = firstOf(needsModels, notWhileChangingBudget);

/** The number of subspaces with a gate of their own can be changed. */
export const canChangeBudget = firstOf(
  needsModels,
  needsCompute,
  notWhileOpening,
  notWhileRunning,
  notWhileMeasuring,
  notWhileAnswering,
  notWhileExporting,
  notWhileReadingImages,
  notWhileChangingBudget,
);

/** Budget, options and gates can be changed together, to this budget. */
export const canChangeAll =
  (budget: number | null): Check =>
  (state) =>
    state.session && state.session.layout.budget !== budget
      ? canChangeBudget(state)
      : firstOf(needsModels, notWhileRunning, notWhileChangingBudget)(state);
