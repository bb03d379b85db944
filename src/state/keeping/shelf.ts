/** Where sessions are kept, as the store sees it. `src/shelf/` keeps them in the browser; tests keep them in memory. */

/** What is told of a session without reading it. */
export interface ShelfEntry {
  readonly id: string;
  readonly name: string;
  /** When it was last stored, in ms since the epoch. */
  readonly savedAt: number;
}

/** A session as it is stored: its parts without their large values, which lie beside it under numbers. */
export interface StoredSession extends ShelfEntry {
  /** `sessionVersion` of the studio that stored it. */
  readonly version: number;
  /** Packed (`core/sessions/packing.ts`). */
  readonly parts: unknown;
}

export interface Shelf {
  /** Latest first. */
  list(): Promise<readonly ShelfEntry[]>;
  read(id: string): Promise<{
    readonly session: StoredSession;
    readonly values: ReadonlyMap<number, object>;
  } | null>;
  /** Stores all of it or nothing. `gone`: numbers whose values are no longer needed. */
  write(session: StoredSession, added: ReadonlyMap<number, object>, gone: readonly number[]): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes a session for this tab until `release` or its end. False where another tab has it. */
  hold(id: string): Promise<boolean>;
  release(id: string): void;
  /** The session that this tab had when it was left or reloaded. */
  mine(): string | null;
  setMine(id: string | null): void;
}
