/** What the studio keeps in the browser beside sessions, as the store sees it. `src/shelf/` looks and clears. */

/** `hub`: pieces of models that were fetched. `factors`: decompositions. `exports`: archives for a download. */
export type StoragePlace = 'hub' | 'factors' | 'exports';

export interface BrowserStorage {
  /** Bytes in each place; 0 where there is nothing, or no such file system. */
  sizes(): Promise<Readonly<Record<StoragePlace, number>>>;
  /** Removes what is in a place, and gives the number of files that stay because somebody has them open. */
  clear(place: StoragePlace): Promise<number>;
  /** All that this site has and may have, in bytes, null where the browser does not say. */
  estimate(): Promise<{ readonly usageBytes: number | null; readonly quotaBytes: number | null }>;
  /** Whether the browser has promised to keep it when space runs out. */
  persisted(): Promise<boolean>;
  /** Asks for that promise; some browsers ask the person. Whether it was given. */
  persist(): Promise<boolean>;
}
