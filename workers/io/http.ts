/**
 * One ranged GET, whatever the server makes of it, with retries of what may pass: 429, 5xx and lost connections.
 *
 * A server may compress what it sends. Platforms decode that unasked, but ranges and lengths then count compressed bytes, and the
 * header that says so is hidden from pages of another origin. A compressed whole is fine; a range of one is no range of the file,
 * so the file is then fetched whole. Chromium even fails a ranged request that is answered compressed, before any header is seen.
 */
import { StudioError } from '../../src/core/errors.ts';
import { throwIfCancelled } from './cancelled.ts';
import { allocateBytes } from './range.ts';

export interface HttpOptions {
  /** Called with the number of bytes that just arrived. */
  readonly onBytes?: (bytes: number) => void;
  readonly fetch?: typeof fetch;
  /** Pause before the first retry; doubled each time. */
  readonly retryDelayMs?: number;
}

export interface Fetched {
  /** Where in the file `bytes` start: 0 when the server sent it whole. */
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly etag: string | null;
}

const attempts = 4;
/** A file of unknown coding up to this size is taken whole where a range of it failed. */
const mostAskedWhole = 32 * 2 ** 20;
/** A server that ignores ranges makes the page hold the whole file; above this it is refused. */
const maxWholeBytes = 2 ** 30;

/** The request failed before any header came. */
class NoAnswer extends Error {}

interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/** Bytes [begin, end) or the whole file; fewer where the file ends before. Null when there is no such file. */
export async function fetchBytes(
  url: string,
  name: string,
  range: ByteRange,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Fetched | null> {
  let askedWhole = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const fetched = await fetchOnce(url, name, range, options, signal);
      return fetched === 'coded-range' ? await fetchWhole(url, name, options, signal) : fetched;
    } catch (thrown) {
      throwIfCancelled(signal);
      if (thrown instanceof NoAnswer && range.begin === 0 && !askedWhole) {
        askedWhole = true;
        const whole = await fetchOnce(url, name, null, options, signal).catch(() => 'coded-range' as const);
        if (whole !== 'coded-range') return whole;
        throwIfCancelled(signal);
      }
      const error = thrown instanceof StudioError ? thrown : unreachable(name, thrown);
      if (!error.retryable || attempt === attempts) throw error;
      await pause((options.retryDelayMs ?? 500) * 2 ** (attempt - 1), signal);
      throwIfCancelled(signal);
    }
  }
}

async function fetchWhole(url: string, name: string, options: HttpOptions, signal: AbortSignal | undefined): Promise<Fetched | null> {
  const fetched = await fetchOnce(url, name, null, options, signal);
  if (fetched !== 'coded-range') return fetched;
  throw new StudioError('network', `${name}: the server sent a compressed part of it where all of it was asked for.`, { details: { file: name } });
}

/** `range` null: the whole file. */
async function fetchOnce(url: string, name: string, range: ByteRange | null, options: HttpOptions, signal: AbortSignal | undefined): Promise<Fetched | 'coded-range' | null> {
  throwIfCancelled(signal);
  const get = options.fetch ?? fetch;
  const response = await get(url, { ...(range && { headers: { Range: `bytes=${range.begin}-${range.end - 1}` } }), ...(signal ? { signal } : {}) }).catch((cause: unknown) => {
    throw new NoAnswer('The request failed.', { cause });
  });
  const { begin, end } = range ?? { begin: 0, end: Infinity };
  const coded = (response.headers.get('content-encoding') || 'identity').toLowerCase() !== 'identity';
  const etag = response.headers.get('etag');
  const refuse = (message: string, retryable = false): never => {
    throw new StudioError('network', `${name}: ${message}`, { retryable, details: { file: name, value: response.status } });
  };

  // A server of a single-page site answers a missing file with its start page.
  if (response.ok && /^text\/html\b/i.test(response.headers.get('content-type') ?? '') && !/\.html?$/i.test(name)) {
    await response.body?.cancel();
    return null;
  }

  if (response.status === 206) {
    if (coded) {
      await response.body?.cancel();
      return 'coded-range';
    }
    const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    const [first, last, sizeBytes] = (match?.slice(1) ?? []).map(Number);
    const fits = first === begin && last !== undefined && sizeBytes !== undefined && Number.isSafeInteger(sizeBytes) && last + 1 === Math.min(end, sizeBytes);
    if (!fits) return refuse(`the server answered another range than was asked for (${response.headers.get('content-range') ?? 'none given'}).`);
    const bytes = await readBody(response, name, last + 1 - first, options);
    // More than the range holds can only be its decoded form.
    if (bytes.length > last + 1 - first) return 'coded-range';
    if (bytes.length !== last + 1 - first) return refuse(`the connection ended after ${bytes.length} of ${last + 1 - first} bytes.`, true);
    return { begin, bytes, sizeBytes, etag };
  }

  if (response.ok) {
    const stated = response.headers.get('content-length');
    const expected = coded || stated === null ? null : Number(stated);
    // Asked for whole on suspicion only: a large file that is not compressed is better read by ranges.
    if (range === null && expected !== null && expected > mostAskedWhole) {
      await response.body?.cancel();
      return 'coded-range';
    }
    const bytes = await readBody(response, name, expected, options);
    // Longer than stated: the length was that of the coded body, whose coding was hidden.
    // Shorter means the same where incompressible data grew by it; asked for whole, with headers hidden, that cannot be excluded.
    const mayBeCoded = range === null && response.type === 'cors';
    if (expected !== null && bytes.length < expected && !mayBeCoded) return refuse(`the connection ended after ${bytes.length} of ${expected} bytes.`, true);
    return { begin: 0, bytes, sizeBytes: bytes.length, etag };
  }

  await response.body?.cancel();
  if (response.status === 404 || response.status === 410) return null;
  if (response.status === 416 && response.headers.get('content-range') === 'bytes */0') return { begin: 0, bytes: new Uint8Array(0), sizeBytes: 0, etag };
  if (response.status === 401 || response.status === 403) return refuse(`the server does not give access to it (HTTP ${response.status}).`);
  return refuse(`the server answered HTTP ${response.status}.`, response.status === 429 || response.status >= 500);
}

async function readBody(response: Response, name: string, expected: number | null, options: HttpOptions): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const tooLarge = (): never => {
    throw new StudioError('memory', `${name}: the server sends large files only whole. Download the model and pick its folder instead.`, { details: { file: name, value: expected ?? length } });
  };
  if (response.status === 200 && expected !== null && expected > maxWholeBytes) {
    await response.body?.cancel();
    tooLarge();
  }
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    options.onBytes?.(value.length);
    const beyondRange = response.status === 206 && expected !== null && length > expected;
    if (length > maxWholeBytes || beyondRange) {
      await reader.cancel();
      if (length > maxWholeBytes) tooLarge();
      break;
    }
  }
  const bytes = allocateBytes(name, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function unreachable(name: string, cause: unknown): StudioError {
  return new StudioError('network', `${name}: could not be fetched. Check the connection and try again.`, { retryable: true, details: { file: name }, cause });
}

/** Ends early, without an error, when the signal fires. */
function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish);
  });
}
