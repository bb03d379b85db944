import type { ErrorCode, ErrorDetails } from '../core/errors.ts';
import type { Losses } from '../core/objective/terms.ts';
import type { SlotInfo, SlotSpectrum } from './session.ts';

/** How far a long job is. `etaMs` is null until it can be estimated from what was measured. */
export interface Progress {
  /** Short, for people: "Reading VLM", "Decomposing layers". */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'matrices' | 'items' | 'steps';
  readonly elapsedMs: number;
  readonly etaMs: number | null;
  /** Only where a model comes over the network. */
  readonly download?: Download;
}

/** What a job has taken from the network, and what it made of that. */
export interface Download {
  /** Arrived since the job began. */
  readonly receivedBytes: number;
  /** Not fetched again because an earlier download left it on this machine. */
  readonly keptBytes: number;
  /** What the job needs in all, about; null while that is not known. */
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
  /** What will be decomposed, known from headers; once, before any spectrum. */
  | { readonly type: 'paired'; readonly slots: readonly SlotInfo[] }
  /**
   * Streams while the rest is still being decomposed, in the order in which matrices are done; a preview may
   * come before the exact one.
   */
  | { readonly type: 'spectrum'; readonly spectrum: SlotSpectrum };

/**
 * How far the student is from the VLM, in nats an answer token, counted over every step: events of some are
 * not sent.
 */
export interface Divergence {
  /** L_distill of the first step. */
  readonly first: number;
  /** Mean of the last steps: each sees a batch of its own, and batches differ. */
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
