/** Measuring, and the snapshots that are kept along the way. */
import { budgetName } from '../budget-name.ts';
import { hasTestSets, isMeasurable, unmeasuredSnapshots } from '../measurable.ts';
import type { Snapshot } from '../records.ts';
import type { StudioState } from '../types.ts';
import { keyed, row } from './action.ts';
import {
  canEdit,
  firstOf,
  needsCompute,
  needsForward,
  needsModels,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileMeasuring,
  type Check,
} from './obstacles.ts';

const needsTestSets: Check = (state) =>
  hasTestSets(state) ? null : 'These models come without test sets, so nothing can be measured.';

export const canMeasure = firstOf(
  needsCompute,
  needsForward,
  needsTestSets,
  notWhileMeasuring,
  notWhileChangingBudget,
);

const snapshotOf = ({ snapshots }: StudioState, id: string): Snapshot | undefined =>
  snapshots.find((snapshot) => snapshot.id === id);

const gone = 'That snapshot is not there any more.';

function fits(state: StudioState, id: string): string | null {
  const snapshot = snapshotOf(state, id);
  if (!snapshot) return gone;
  const name = budgetName(snapshot.budget);
  return isMeasurable(snapshot, state)
    ? null
    : `“${snapshot.label}” was kept with a gate for ${name}. Choose ${name} to measure it.`;
}

const restoreHint = (state: StudioState, id: string): string => {
  const snapshot = snapshotOf(state, id);
  return !snapshot || isMeasurable(snapshot, state)
    ? 'Sets the gates as they were here. It can be undone.'
    : `This snapshot was kept with a gate for ${budgetName(snapshot.budget)}. Restoring it fits its gates to the present budget. It can be undone.`;
};

export const measureActions = {
  evaluate: keyed({
    label: 'Measure the merged model',
    labelNow: () => 'Measure',
    hint: () => 'Measures the merged model on both test sets.',
    keys: ['E'],
    icon: 'measure',
    obstacle: canMeasure,
    perform: (state) => state.evaluateCurrent(),
  }),
  sweep: row({
    label: 'Measure one λ for all, at several values',
    labelNow: () => 'λ sweep',
    icon: 'sweep',
    obstacle: canMeasure,
    perform: (state) => state.sweepTaskArithmetic(),
  }),
  measureTrail: row({
    label: 'Measure the snapshots that have no score yet',
    icon: 'measure',
    obstacle: (state) =>
      canMeasure(state) ??
      (unmeasuredSnapshots(state).length === 0 ? 'There is no snapshot that could still be measured.' : null),
    perform: (state) => state.evaluateTrail(),
  }),
  measureSnapshot: row<string>({
    label: 'Measure a snapshot',
    icon: 'measure',
    obstacle: (state, id) => canMeasure(state) ?? fits(state, id),
    perform: (state, id) => state.evaluateSnapshot(id),
  }),
  cancelMeasuring: row({
    label: 'Cancel the measurement',
    labelNow: () => 'Cancel',
    icon: 'cancel',
    obstacle: ({ measuring }) => (measuring ? null : 'No measurement is going on.'),
    perform: (state) => state.cancelMeasuring(),
  }),
  setEvaluationItems: row<number | null>({
    label: 'Choose how many items are measured',
    obstacle: notWhileMeasuring,
    perform: (state, items) => state.setEvaluationItems(items),
  }),
  snapshot: keyed({
    label: 'Keep a snapshot',
    labelNow: () => 'Keep',
    hint: () => 'Keeps the gates as they are now.',
    keys: ['K'],
    icon: 'keep',
    obstacle: needsModels,
    perform: (state) => state.takeSnapshot(`Kept ${state.snapshots.length + 1}`),
  }),
  restoreSnapshot: row<string>({
    label: 'Restore a snapshot',
    hint: restoreHint,
    icon: 'restore',
    obstacle: (state, id) =>
      firstOf(canEdit, notWhileApplyingRecipe)(state) ?? (snapshotOf(state, id) ? null : gone),
    perform: (state, id) => state.restoreSnapshot(id),
  }),
  deleteSnapshot: row<string>({
    label: 'Delete a snapshot',
    icon: 'delete',
    obstacle: (state, id) => (snapshotOf(state, id) ? null : gone),
    perform: (state, id) => state.deleteSnapshot(id),
  }),
  restoreDeleted: row({
    label: 'Bring back the snapshot that was deleted last',
    labelNow: () => 'Undo deleting',
    hint: ({ deleted }) => `Brings back “${deleted.at(-1)?.snapshot.label ?? ''}”, with its score.`,
    icon: 'undo',
    obstacle: ({ deleted }) => (deleted.length === 0 ? 'No snapshot was deleted.' : null),
    perform: (state) => state.restoreDeleted(),
  }),
};
