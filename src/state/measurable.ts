/** What can be measured, and on what. */
import type { Snapshot } from './records.ts';
import type { StudioState } from './types.ts';

export const sweepLambdas: readonly number[] = [0.2, 0.4, 0.6, 0.8, 1, 1.2];

/**
 * Whether the trio brings anything to measure on; without, the divergence from the VLM that a run sees is all
 * there is.
 */
export const hasTestSets = ({ session }: Pick<StudioState, 'session'>): boolean =>
  session?.forward.available === true && session.forward.perceptionItems + session.forward.reasoningItems > 0;

/** Whether the gates of a snapshot can be merged under the present budget as they are. */
export const isMeasurable = ({ budget }: Snapshot, { session }: Pick<StudioState, 'session'>): boolean =>
  session?.layout.budget === budget;

/** Snapshots that have no score yet and can be given one. */
export const unmeasuredSnapshots = (
  state: Pick<StudioState, 'session' | 'snapshots'>,
): readonly Snapshot[] =>
  hasTestSets(state)
    ? state.snapshots.filter((snapshot) => !snapshot.evaluation && isMeasurable(snapshot, state))
    : [];
