/** What is asked of a server by GET, and what comes back. */
import type { StudioError } from '../../../core/errors.ts';
import type { Backoff } from './backoff.ts';
import type { Patience } from './patience.ts';

export interface HttpOptions {
  /** Called with the number of bytes that just arrived. */
  readonly onBytes?: (bytes: number) => void;
  readonly fetch?: typeof fetch;
  /** Options of every request. `headers` may hold any but Range. */
  readonly init?: Omit<RequestInit, 'signal' | 'method' | 'body' | 'headers'> & {
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Where they differ from the plain ones. */
  readonly backoff?: Partial<Backoff>;
  readonly patience?: Partial<Patience>;
  /** Called before each pause, and with null when it is over. */
  readonly onPause?: (pause: { readonly ms: number; readonly status: number | null } | null) => void;
  /**
   * What an answer that brings no bytes means, where the server has words of its own: an error, `missing`, or
   * null for the plain meaning.
   */
  readonly explain?: (response: Response) => StudioError | 'missing' | null;
  /** A server that ignores ranges makes the page hold the whole file; above this it is refused. */
  readonly mostWholeBytes?: number;
}

export interface Fetched {
  /** Where in the file `bytes` start: 0 when the server sent it whole. */
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly version: FileVersion;
}

/** What tells a file from the one that took its place. */
export interface FileVersion {
  /** Bytes of the whole file. */
  readonly sizeBytes: number;
  readonly etag: string | null;
  /**
   * Origin of the server that said so: after a redirect, another one may know the same bytes by another etag.
   */
  readonly from: string;
}

export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}
