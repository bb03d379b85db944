/**
 * A run between two of its steps: all that it needs to go on bit for bit as if it had not stopped. Plain data and
 * typed arrays, so it survives a structured clone. The batches of the coming steps are not in it, because seed and
 * step decide them.
 */
import type { Basis } from '../gates/basis.ts';
import type { GateField } from '../gates/field.ts';
import type { BackendName } from '../memory/facts.ts';
import type { DistillOptions } from '../objective/options.ts';
import type { Losses, TermId } from '../objective/terms.ts';

export const runCheckpointVersion = 1;

/** Losses of the last steps that a run's divergence is a mean over. */
export const divergenceWindow = 10;

/** Adam's memory and the logits that it moves; one entry for each gate. */
export interface OptimiserState {
  /** g of gate = gateMax · sigmoid(g); of a locked gate the logit that it would go on from. */
  readonly logits: Float64Array;
  /** First moments m. */
  readonly first: Float64Array;
  /** Second moments v, not negative. */
  readonly second: Float64Array;
  /** Steps since the gate was last set by hand. */
  readonly ages: Uint32Array;
}

/** Where a run stands: what its next step depends on, apart from the models and the teachers' answers. */
export interface RunPosition {
  /** Whole steps that were done. */
  readonly step: number;
  /** The gates now, edits by hand since the last step included. */
  readonly gates: GateField;
  /** 1 where a hand has been since the last step; uint8, one for each gate. */
  readonly touched: Uint8Array;
  readonly optimiser: OptimiserState;
  /** The gates that the last step computed with: its loss was finite. Null before the first step. */
  readonly lastFinite: Float32Array | null;
  /** Of the last step; null before the first one. */
  readonly losses: Losses | null;
  /** L_distill of the first step, and of the last ones, at most `divergenceWindow`, the oldest first. */
  readonly divergence: { readonly first: number; readonly recent: readonly number[] };
}

/** By what it is known again what a teacher taught one term. Hashes are SHA-256 in lower-case hex. */
export interface LessonMark {
  readonly term: TermId;
  readonly items: number;
  /** Of what the person or the trio brings: the prompts, and how their images were cut. The same on every device. */
  readonly prompts: string;
  /** Of what models made of it: the answers, and a part of what was seen. Another device may make another answer. */
  readonly answers: string;
}

/** On what a run was made: what decides whether it can go on here, and whether with the same bits. */
export interface RunOrigin {
  readonly backend: BackendName;
  /** The graphics device, where there is one. */
  readonly adapter: string | null;
  /** In gate order. `norm` is ‖S‖, the Frobenius norm of the layer's task vector. */
  readonly slots: readonly { readonly id: string; readonly rank: number; readonly norm: number }[];
  readonly budget: number | null;
  /** Absent: the SVD. */
  readonly basis?: Basis;
  /** Hash of the names of all factors. Equal: the same factors to the last bit. */
  readonly factors: string;
  /** Hash of a sample of the VLM's weights. */
  readonly vlm: string;
  /** Of the terms that have a teacher, in the order of the table of terms. */
  readonly lessons: readonly LessonMark[];
}

export interface RunCheckpoint extends RunPosition {
  readonly version: typeof runCheckpointVersion;
  readonly options: DistillOptions;
  /** How long the run has taken so far. */
  readonly elapsedMs: number;
  readonly origin: RunOrigin;
}
