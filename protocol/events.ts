import type { ErrorCode, ErrorDetails } from '../core/errors.ts';
import type { Finding } from '../core/family/pairing.ts';
import type { Losses } from '../core/objective/terms.ts';
import type { SlotInfo, SlotSpectrum } from './session.ts';

/** How far a long job is. `etaMs` is null until it can be estimated from what was measured. */
export interface Progress {
  /** Short, for people: "Reading VLM", "Decomposing layers". */
  readonly stage: string;
  /** With a fraction where something is under way: 2.5 of 8 items. */
  readonly done: number;
  /** 0 where there is nothing to count, as while something is waited for. */
  readonly total: number;
  readonly unit: 'bytes' | 'matrices' | 'items' | 'steps' | 'tokens';
  readonly elapsedMs: number;
  readonly etaMs: number | null;
  /** Present only where a model comes over the network. */
  readonly download?: Download;
}

/** What a job has downloaded, and what it did not have to download. */
export interface Download {
  /** Bytes that have arrived since the job began. */
  readonly receivedBytes: number;
  /** Bytes that were not fetched again, because an earlier download left them on this machine. */
  readonly keptBytes: number;
  /**
   * Bytes that an earlier download left on this machine and that have changed since: by a fault of the disk, or because
   * another program wrote there. They were not used and are fetched again.
   */
  readonly damagedBytes: number;
  /** About how many bytes the job needs in all; null while that is not known. */
  readonly neededBytes: number | null;
  /** Why nothing arrives just now ("The Hub asks to wait 20 s"), or null. */
  readonly waiting: string | null;
}

export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: ErrorDetails;
}

export type OpenEvent =
  | { readonly type: 'progress'; readonly progress: Progress }
  /** What will be decomposed, and what was found in the models until then. It is sent once, before any spectrum. */
  | {
      readonly type: 'paired';
      readonly slots: readonly SlotInfo[];
      readonly findings: readonly Finding[];
    }
  /**
   * Sent while other matrices are still being decomposed, in the order in which matrices are done. A preview
   * may come before the exact spectrum.
   */
  | { readonly type: 'spectrum'; readonly spectrum: SlotSpectrum };

/** Which of the three is asked. */
export type AskedModel = 'vlm' | 'lrm' | 'merged';

/** What is heard of a question while it is being answered: models are asked one after another. */
export type AnswerEvent =
  | HeardEvent
  /** What is to be said of an answer that has been given. */
  | { readonly type: 'finding'; readonly who: AskedModel; readonly finding: Finding };

/** How far a model is with its answer. */
export type HeardEvent =
  /** What must be done before `who` can answer. */
  | { readonly type: 'progress'; readonly who: AskedModel; readonly progress: Progress }
  /** What `who` has said so far; `ended` once that is all. */
  | {
      readonly type: 'said';
      readonly who: AskedModel;
      readonly text: string;
      readonly tokens: number;
      readonly elapsedMs: number;
      readonly ended: boolean;
    };

/**
 * How far the student is from the VLM, in nats an answer token. It is counted over every step, because some
 * steps send no event.
 */
export interface Divergence {
  /** L_distill of the first step. */
  readonly first: number;
  /** Mean over the last steps, because each step sees another batch and batches differ. */
  readonly recent: number;
  /** How many steps that is. */
  readonly over: number;
}

export type RunState = 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

export type RunEvent =
  | {
      readonly type: 'state';
      readonly seq: number;
      readonly state: RunState;
      readonly step: number;
      readonly error?: PlainError;
    }
  /** Preparation: the teachers answer the calibration prompts. */
  | { readonly type: 'progress'; readonly seq: number; readonly progress: Progress }
  /** What a person should know of the run, as whole sentences: that it goes on, but not to the same bits. */
  | { readonly type: 'notice'; readonly seq: number; readonly message: string }
  | {
      readonly type: 'step';
      readonly seq: number;
      /** Steps done, counted from 1. */
      readonly step: number;
      readonly steps: number;
      /** The last gate edit that this step's gates include. */
      readonly revision: number;
      readonly losses: Losses;
      readonly divergence: Divergence;
      /** All gates after the step. */
      readonly gates: Float32Array;
      readonly stepMs: number;
      readonly etaMs: number;
    };
