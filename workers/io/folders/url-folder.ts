/**
 * A model folder behind a URL prefix, read by HTTP ranges.
 *
 * `open` asks for the first MiB. A server that honours ranges answers 206 with the file's size; one that
 * ignores them answers 200 with everything, which is then kept, so that no file is downloaded once a tensor.
 * A file of up to 32 MiB is fetched whole (two requests) and kept; a larger one is read in windows of 8 MiB
 * or what a tensor needs, if that is more.
 */
import { throwIfCancelled } from '../cancelled.ts';
import type { ByteSource, ModelFolder } from '../contract.ts';
import { pathSegments } from './folder-path.ts';
import { changedError, sameVersion } from '../http/file-version.ts';
import { fetchBytes } from '../http/http.ts';
import type { Fetched, HttpOptions } from '../http/contract.ts';
import { checkRange, readInPieces } from '../range.ts';

const probeBytes = 2 ** 20;
const wholeFileBytes = 32 * 2 ** 20;
const windowBytes = 8 * 2 ** 20;

export interface UrlFolderOptions extends HttpOptions {
  /** For people; the last part of the URL when absent. */
  readonly label?: string;
}

/** `prefix`: absolute URL of the folder, with or without a slash at its end. */
export function urlFolder(prefix: string, options: UrlFolderOptions = {}): ModelFolder {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const label = options.label ?? base.split('/').at(-2) ?? base;
  return {
    label,
    remote: true,
    async open(path, signal) {
      const url = base + pathSegments(path).map(encodeURIComponent).join('/');
      const name = `${label}/${path}`;
      const probe = await fetchBytes(url, name, { begin: 0, end: probeBytes }, options, signal);
      return probe && httpSource(url, name, probe, options);
    },
  };
}

function httpSource(url: string, name: string, probe: Fetched, options: HttpOptions): ByteSource {
  const { sizeBytes } = probe.version;
  /** What is kept of the file: its start, then the last window, or all of it. */
  let kept: { readonly begin: number; readonly bytes: Uint8Array } = probe;
  const holds = (begin: number, end: number): boolean =>
    begin >= kept.begin && end <= kept.begin + kept.bytes.length;

  const fetchRange = async (begin: number, end: number, signal?: AbortSignal): Promise<Fetched> => {
    const part = await fetchBytes(url, name, { begin, end }, options, signal);
    if (!part || !sameVersion(part.version, probe.version)) throw changedError(name);
    return part;
  };

  const fill = async (begin: number, end: number, signal?: AbortSignal): Promise<void> => {
    if (sizeBytes <= wholeFileBytes) {
      const rest = await fetchRange(kept.bytes.length, sizeBytes, signal);
      if (rest.bytes.length === sizeBytes) {
        kept = rest;
        return;
      }
      const whole = new Uint8Array(sizeBytes);
      whole.set(kept.bytes);
      whole.set(rest.bytes, rest.begin);
      kept = { begin: 0, bytes: whole };
    } else {
      kept = await fetchRange(begin, Math.min(sizeBytes, Math.max(end, begin + windowBytes)), signal);
    }
  };

  /** Reads take turns, so that two of them never fetch the same window at once. */
  let turn: Promise<unknown> = Promise.resolve();
  return {
    name,
    sizeBytes,
    async read(begin, end, signal) {
      checkRange(name, sizeBytes, begin, end);
      const result = turn.then(() =>
        readInPieces(name, begin, end, async (from, to) => {
          throwIfCancelled(signal);
          if (!holds(from, to)) await fill(from, to, signal);
          return new Uint8Array(kept.bytes.subarray(from - kept.begin, to - kept.begin));
        }),
      );
      turn = result.catch(() => undefined);
      return result;
    },
  };
}
