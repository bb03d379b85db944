/** What the page knows of the browser's storage, and what can be done about it. */
import type { StoragePlace } from './browser-storage.ts';

export interface StorageState {
  readonly storage: {
    /** `idle`: nobody has looked yet. */
    readonly status: 'idle' | 'looking' | 'ready' | 'clearing';
    /** Why it could not be looked at. */
    readonly error: string | null;
    /** Bytes. */
    readonly places: Readonly<Record<StoragePlace, number>>;
    /** Bytes by the session's id. */
    readonly sessions: ReadonlyMap<string, number>;
    /** All that this site has and may have; null where the browser does not say. */
    readonly usageBytes: number | null;
    readonly quotaBytes: number | null;
    /** The browser has promised to keep it when space runs out. */
    readonly persisted: boolean;
  };
}

export interface StorageActions {
  /** Has `storage` and `recents` be of now. */
  lookAtStorage(): Promise<void>;
  clearPlace(place: StoragePlace): Promise<void>;
  /** Every place, and every session that is not on the page, nor in another tab. */
  clearStorage(): Promise<void>;
  keepStorage(): Promise<void>;
}
