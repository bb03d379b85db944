import type { EntryHead } from '../contract.ts';

/** The files behind a cache, in one flat directory. Faults of storage are answers, not errors. */
export interface CacheFiles {
  list(): Promise<readonly CacheFile[]>;
  /** Null when there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Its first bytes alone. */
  head(name: string, sizeBytes: number): Promise<EntryHead | null>;
  /**
   * Whether the file, these parts one after another, is now there; what was there before is gone either way.
   */
  write(name: string, parts: readonly Uint8Array[]): Promise<boolean>;
  remove(name: string): Promise<void>;
}

export interface CacheFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Since 1970. */
  readonly writtenMs: number;
}
