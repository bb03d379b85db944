/** The files behind a cache, in one flat directory. A file is there whole or not at all. Faults of storage are answers, not errors. */
export interface CacheFiles {
  list(): Promise<readonly CacheFile[]>;
  /** Null when there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Whether the file is now there; what was there before is gone either way. */
  write(name: string, bytes: Uint8Array): Promise<boolean>;
  remove(name: string): Promise<void>;
}

export interface CacheFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Since 1970. */
  readonly writtenMs: number;
}
