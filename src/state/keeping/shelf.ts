/** Where sessions are kept, as the store sees it. `src/shelf/` keeps them in the browser; tests keep them in memory. */

/** A session in a few numbers, for a small picture of it. */
export interface Thumbnail {
  /** By column the size of the reasoning difference of its layers, ‖S‖, as a share of the largest; 0 to 1. */
  readonly sizes: readonly number[];
  /** By column the mean of its gates as a share of the largest that the options allow; 0 to 1. */
  readonly gates: readonly number[];
}

/** What is told of a session without reading it. */
export interface ShelfEntry {
  readonly id: string;
  readonly name: string;
  /** When it was last stored, in ms since the epoch. */
  readonly savedAt: number;
  /** What it takes, in bytes as they would be written; absent where that was not counted when it was stored. */
  readonly sizeBytes?: number;
  /** SHA-256, in hex, of the file that it came in, while nothing was done with it. */
  readonly file?: string;
  /** Absent where there is nothing to draw. */
  readonly thumbnail?: Thumbnail;
  /** Present where it could not be read: it is listed, and not read again unless a person says so. */
  readonly aside?: SetAside;
}

export interface SetAside {
  /** A sentence. */
  readonly why: string;
  /** `sessionVersion` of the studio that could not read it: a later one tries again. */
  readonly version: number;
  /** Present where nothing is wrong with it: another version of the studio stored it. */
  readonly code?: 'unsupported';
}

/** A session as it is stored: its parts without their large values, which lie beside it under numbers. */
export interface StoredSession extends Omit<ShelfEntry, 'aside'> {
  /** `sessionVersion` of the studio that stored it. */
  readonly version: number;
  /** Packed (`core/sessions/packing.ts`). */
  readonly parts: unknown;
  /**
   * It came in a file and was never put back: where its models lie was written by somebody else, so they are opened by
   * a click alone.
   */
  readonly foreign?: true;
}

export interface FoundSession {
  readonly session: StoredSession;
  readonly values: ReadonlyMap<number, object>;
  /** How its folders are read again (`kept-folders.ts`), not checked; null where that is not known. */
  readonly folders: unknown;
}

export interface Shelf {
  /** Latest first, those set aside as well. */
  list(): Promise<readonly ShelfEntry[]>;
  read(id: string): Promise<FoundSession | null>;
  /** Stores all of it or nothing. `gone`: numbers whose values are no longer needed. It is aside no more. */
  write(session: StoredSession, added: ReadonlyMap<number, object>, gone: readonly number[]): Promise<void>;
  /**
   * Stores how its folders are read again, or that this is not known (null). By itself, for a handle is nothing that a
   * session must be lost for: a browser may refuse to store it, or to give it back.
   */
  writeFolders(id: string, folders: object | null): Promise<void>;
  /** Changes what is told of it; one that is not there stays so. */
  amend(id: string, change: Partial<Pick<ShelfEntry, 'name' | 'aside'>>): Promise<void>;
  remove(id: string): Promise<void>;
  /** How much each takes, in bytes as they would be written, by id. Reads those whose entries do not say it. */
  sizes(): Promise<ReadonlyMap<string, number>>;
  /** Takes a session for this tab until `release` or its end. False where another tab has it. */
  hold(id: string): Promise<boolean>;
  release(id: string): void;
  /** The session that this tab had when it was left or reloaded. */
  mine(): string | null;
  setMine(id: string | null): void;
}
