/** What the page knows of its session as it is kept in the browser, and what can be done about it. */
import type { KeptFigures } from '../../../core/recipe/kept-figures.ts';
import type { TrioSource } from '../../../protocol/session.ts';

/** A session that was kept and is not on the page: its models are not open, or are not the same. */
export interface WaitingSession {
  /** Under which it is stored; null where it is not. */
  readonly id: string | null;
  readonly name: string;
  /** What to open for it; null where a person must choose folders again. */
  readonly source: TrioSource | null;
  /** Why it waits, in sentences; null where its models are simply not open yet. */
  readonly why: string | null;
}

export interface KeepingState {
  readonly keeping: {
    /**
     * `off`: nothing is kept. `idle`: there is nothing to keep yet. `restoring`: it is being put back, and not stored
     * meanwhile. `failed`: the last change is not stored.
     */
    readonly status: 'off' | 'idle' | 'restoring' | 'kept' | 'failed';
    /** Null until there is something to keep. */
    readonly id: string | null;
    readonly name: string;
    readonly waiting: WaitingSession | null;
  };
  /** What the engine measured, as it was asked last; null where that is nothing. */
  readonly figures: KeptFigures | null;
}

export interface KeepingActions {
  /** Connects, and opens what this tab had last, or the demo where it had nothing. */
  begin(): Promise<void>;
  /** Opens the models of the session that waits. */
  reopenWaiting(): Promise<void>;
  /** Goes on without it; it stays stored. */
  leaveWaiting(): void;
  /** The session as a file, `.frism`, without weights. */
  saveSession(): Promise<void>;
  /** Puts the session of a file on the page, or has it wait for its models. The session before it stays stored. */
  openSession(file: File): Promise<void>;
  /** Stores what has changed at once: the page may be leaving. */
  storeNow(): Promise<void>;
}
