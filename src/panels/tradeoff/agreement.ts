/** What a run tells without labels: how far the merged model's answers are from the VLM's, and how much of the reasoning change is let in. */
import type { StudioState } from '../../state/types.ts';

/** Steps that a figure is a mean over: a step sees one batch, and batches differ. */
export const STEPS_OF_A_FIGURE = 10;

export interface Agreement {
  /** KL(VLM ‖ merged) in nats an answer token, a mean of the last steps that were reported. */
  readonly divergence: number;
  /** Of the first step that was reported. */
  readonly before: number;
  /** Σ S_eff² / Σ S² at the last step. */
  readonly letIn: number;
  readonly step: number;
  /** Steps that the figure is a mean over. */
  readonly over: number;
}

/** Null before the first step. */
export function agreementOf({ losses }: Pick<StudioState['run'], 'losses'>): Agreement | null {
  const [first, last] = [losses[0], losses.at(-1)];
  if (!first || !last) return null;
  const recent = losses.slice(-STEPS_OF_A_FIGURE);
  const divergence = recent.reduce((sum, { distill }) => sum + distill, 0) / recent.length;
  // A KL of nothing may come out as a rounding below it.
  return { divergence: Math.max(0, divergence), before: Math.max(0, first.distill), letIn: Math.abs(last.inject), step: last.step, over: recent.length };
}
