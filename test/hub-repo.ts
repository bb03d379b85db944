/** Repositories for a Hub on this machine: files in memory, on disk, or made when they are asked for. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface RepoFile {
  readonly sizeBytes: number;
  readonly etag: string;
  /** Large files lie in the storage, small ones at the Hub itself. */
  readonly large: boolean;
  /** What the Hub names as the SHA-256 of a large file; none where absent. */
  readonly sha256?: string;
  read(begin: number, end: number): Uint8Array;
}

export interface Repo {
  readonly commit: string;
  /** Branches and tags; the commit itself is always one. */
  readonly revisions: readonly string[];
  readonly files: Readonly<Record<string, RepoFile>>;
  /**
   * `gated`: known, but its files only with a token that was let in. `private`: for others as if it did not
   * exist.
   */
  readonly access?: 'gated' | 'private';
}

export const plainFile = (content: Uint8Array | string, large = false): RepoFile => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    sizeBytes: bytes.length,
    etag: createHash('sha1').update(bytes).digest('hex'),
    large,
    ...(large && { sha256: createHash('sha256').update(bytes).digest('hex') }),
    read: (begin, end) => bytes.subarray(begin, end),
  };
};

/** Byte i is (31 i) mod 251. */
const plainPattern = Uint8Array.from({ length: 251 * 4096 }, (_, i) => (31 * i) % 251);

/**
 * A header, and after it a pattern that repeats from the file's first byte on, made when it is asked for:
 * gigabytes that take no room.
 */
export const sparseFile = (
  header: Uint8Array,
  sizeBytes: number,
  etag = `sparse-${sizeBytes}`,
  pattern = plainPattern,
): RepoFile => ({
  sizeBytes,
  etag,
  large: true,
  read(begin, end) {
    const bytes = new Uint8Array(end - begin);
    for (let at = 0; at < bytes.length;) {
      const phase = (begin + at) % pattern.length;
      bytes.set(pattern.subarray(phase, Math.min(pattern.length, phase + bytes.length - at)), at);
      at += pattern.length - phase;
    }
    if (begin < header.length) bytes.set(header.subarray(begin, Math.min(end, header.length)));
    return bytes;
  },
});

/** A model folder on disk as a repository. */
export function folderRepo(directory: string, commit: string): Repo {
  const names = readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile());
  return {
    commit,
    revisions: ['main'],
    files: Object.fromEntries(
      names.map((name) => [
        name,
        plainFile(readFileSync(join(directory, name)), name.endsWith('.safetensors')),
      ]),
    ),
  };
}
