/** What the page knows of sessions as they are kept in the browser, and what can be done about them. */
import type { KeptFigures } from '../../../core/recipe/kept-figures.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import type { StorageActions, StorageState } from '../storage-state.ts';
import type { ShelfEntry } from './shelf.ts';

/** A session that was kept and is not on the page: its models are not open, or are not the same. */
export interface WaitingSession {
  /** Under which it is stored; null where it is not. */
  readonly id: string | null;
  readonly name: string;
  /** What to open for it; null where a person must allow its folders to be read, or choose them again. */
  readonly source: TrioSource | null;
  /** Names of its folders that can be read once a person allows it by a click; empty where there are none. */
  readonly toAllow: readonly string[];
  /** Its source is opened by a click alone: a file brought it. */
  readonly foreign: boolean;
  /** Why it waits, in sentences; null where its models are simply not open yet. */
  readonly why: string | null;
}

export interface KeepingState extends StorageState {
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
  /** By what the VLM that is open is known again, where it was asked. */
  readonly vlmSample: string | null;
  /** The sessions of this browser, the latest first, as they were listed last; null before. */
  readonly recents: readonly ShelfEntry[] | null;
  /** The session that was deleted last, while it can be had back. */
  readonly deletedRecent: ShelfEntry | null;
}

export interface KeepingActions extends StorageActions {
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
  /** Has `recents` be of now. */
  listRecents(): Promise<void>;
  /** Opens the models of a stored session and puts it back. The session before it stays stored. */
  openRecent(id: string): Promise<void>;
  renameRecent(id: string, name: string): Promise<void>;
  /** Until another is deleted, or the page is left, it can be had back; where it is `final`, it cannot. */
  deleteRecent(id: string, final?: 'final'): Promise<void>;
  bringBackRecent(): Promise<void>;
}
