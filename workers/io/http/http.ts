/**
 * A file or one range of it by GET, whatever the server makes of it. What may pass is tried again (429, 5xx,
 * lost connections), a range that was cut half-way from the byte it reached, unless the file has become
 * another meanwhile.
 *
 * A server may compress what it sends. Platforms decode that unasked, but ranges and lengths then count
 * compressed bytes, and the header that says so is hidden from pages of another origin. A compressed whole is
 * fine; a range of one is no range of the file, so the file is then fetched whole. Chromium even fails a
 * ranged request that is answered compressed, before any header is seen.
 */
import { StudioError } from '../../../core/errors.ts';
import { askedPauseMs, pauseMs, plainBackoff, type Backoff } from './backoff.ts';
import { throwIfCancelled } from '../cancelled.ts';
import { readBody } from './http-body.ts';
import { allocateBytes } from '../range.ts';

export interface HttpOptions {
  /** Called with the number of bytes that just arrived. */
  readonly onBytes?: (bytes: number) => void;
  readonly fetch?: typeof fetch;
  /** Of every request, `headers` apart from Range included. */
  readonly init?: Omit<RequestInit, 'signal' | 'method' | 'body' | 'headers'> & {
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Where they differ from the plain ones. */
  readonly backoff?: Partial<Backoff>;
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
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly etag: string | null;
  /**
   * Origin of the server that said so: after a redirect, another one may know the same bytes by another etag.
   */
  readonly from: string;
}

/** A file of unknown coding up to this size is taken whole where a range of it failed. */
const mostAskedWhole = 32 * 2 ** 20;
const mostWholeBytes = 2 ** 30;
/** So much must come of a range that is cut again and again for its attempts to be counted anew. */
const progressBytes = 64 * 2 ** 10;

/** The request failed before any header came. */
class NoAnswer extends Error {}

/** A range of which only the start came. */
class CutShort extends Error {
  readonly part: Fetched;
  constructor(part: Fetched, cause: unknown) {
    super('The connection ended.', { cause });
    this.part = part;
  }
}

export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

const strongEtag = (etag: string | null): string | null => etag?.replace(/^W\//, '') ?? null;

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.sizeBytes === b.sizeBytes && (a.from !== b.from || strongEtag(a.etag) === strongEtag(b.etag));
}

export function changedError(name: string): StudioError {
  return new StudioError(
    'changed',
    `${name}: changed on the server while it was being read. Open it again.`,
    { retryable: true, details: { file: name } },
  );
}

/**
 * Bytes [begin, end) or, with `range` null, the whole file; fewer where the file ends before. Null when there
 * is no such file.
 */
export async function fetchBytes(
  url: string,
  name: string,
  range: ByteRange | null,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Fetched | null> {
  const backoff = { ...plainBackoff, ...options.backoff };
  const arrived: Fetched[] = [];
  let reached = range?.begin ?? 0;
  let failures = 0;
  let askedWhole = false;
  for (;;) {
    try {
      const fetched = await fetchOnce(
        url,
        name,
        range && { begin: reached, end: range.end },
        options,
        signal,
      );
      if (fetched === 'coded-range') return await fetchWhole(url, name, options, signal);
      if (fetched === null || fetched.begin !== reached) return fetched;
      return joined(name, [...arrived, fetched]);
    } catch (thrown) {
      throwIfCancelled(signal);
      if (thrown instanceof CutShort) {
        const { part } = thrown;
        if (arrived.some(({ version }) => !sameVersion(version, part.version))) throw changedError(name);
        arrived.push(part);
        reached += part.bytes.length;
        if (part.bytes.length >= progressBytes) failures = 0;
      }
      if (thrown instanceof NoAnswer && range?.begin === 0 && reached === 0 && !askedWhole) {
        askedWhole = true;
        const whole = await fetchOnce(url, name, null, options, signal).catch(() => 'coded-range' as const);
        if (whole !== 'coded-range') return whole;
        throwIfCancelled(signal);
      }
      const error = thrown instanceof StudioError ? thrown : unreachable(name, thrown);
      failures += 1;
      const status = typeof error.details.value === 'number' ? error.details.value : null;
      const ms =
        error.retryable && error.code !== 'changed'
          ? pauseMs(failures, askedOf(error), status === 429, backoff)
          : null;
      if (ms === null) throw error;
      options.onPause?.({ ms, status });
      await backoff.wait(ms, signal);
      options.onPause?.(null);
      throwIfCancelled(signal);
    }
  }
}

/** The parts of one range as one. */
function joined(name: string, parts: readonly Fetched[]): Fetched {
  const [first, ...rest] = parts;
  if (!first) throw new StudioError('internal', `${name}: nothing was fetched.`, { details: { file: name } });
  if (rest.length === 0) return first;
  if (rest.some(({ version }) => !sameVersion(first.version, version))) throw changedError(name);
  const bytes = allocateBytes(
    name,
    parts.reduce((sum, part) => sum + part.bytes.length, 0),
  );
  for (const part of parts) bytes.set(part.bytes, part.begin - first.begin);
  return { ...first, bytes };
}

async function fetchWhole(
  url: string,
  name: string,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Fetched | null> {
  const fetched = await fetchOnce(url, name, null, options, signal);
  if (fetched !== 'coded-range') return fetched;
  throw new StudioError(
    'network',
    `${name}: the server sent a compressed part of it where all of it was asked for.`,
    { details: { file: name } },
  );
}

/** `range` null: the whole file. */
async function fetchOnce(
  url: string,
  name: string,
  range: ByteRange | null,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Fetched | 'coded-range' | null> {
  throwIfCancelled(signal);
  const get = options.fetch ?? fetch;
  const headers = {
    ...options.init?.headers,
    ...(range && { Range: `bytes=${range.begin}-${range.end - 1}` }),
  };
  const response = await get(url, { ...options.init, headers, ...(signal ? { signal } : {}) }).catch(
    (cause: unknown) => {
      throw new NoAnswer('The request failed.', { cause });
    },
  );
  const { begin, end } = range ?? { begin: 0, end: Infinity };
  const coded = (response.headers.get('content-encoding') || 'identity').toLowerCase() !== 'identity';
  const versionOf = (sizeBytes: number): FileVersion => ({
    sizeBytes,
    etag: response.headers.get('etag'),
    from: originOf(response.url || url),
  });
  const refuse = (message: string, retryable = false): never => {
    throw new StudioError('network', `${name}: ${message}`, {
      retryable,
      details: { file: name, value: response.status },
    });
  };

  // A server of a single-page site answers a missing file with its start page.
  if (
    response.ok &&
    /^text\/html\b/i.test(response.headers.get('content-type') ?? '') &&
    !/\.html?$/i.test(name)
  ) {
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
    const fits =
      first === begin &&
      last !== undefined &&
      sizeBytes !== undefined &&
      Number.isSafeInteger(sizeBytes) &&
      last + 1 === Math.min(end, sizeBytes);
    if (!fits) {
      await response.body?.cancel();
      return refuse(
        `the server answered another range than was asked for (${response.headers.get('content-range') ?? 'none given'}).`,
      );
    }
    const length = last + 1 - first;
    const { bytes, cut } = await readBody(response, name, length, length, options.onBytes);
    // More than the range holds can only be its decoded form.
    if (bytes.length > length) return 'coded-range';
    if (bytes.length < length) throw new CutShort({ begin, bytes, version: versionOf(sizeBytes) }, cut);
    return { begin, bytes, version: versionOf(sizeBytes) };
  }

  if (response.ok) {
    const stated = response.headers.get('content-length');
    const expected = coded || stated === null ? null : Number(stated);
    // Asked for whole on suspicion only: a large file that is not compressed is better read by ranges.
    if (range === null && expected !== null && expected > mostAskedWhole) {
      await response.body?.cancel();
      return 'coded-range';
    }
    const { bytes, cut } = await readBody(
      response,
      name,
      expected,
      options.mostWholeBytes ?? mostWholeBytes,
      options.onBytes,
    );
    if (cut !== null) return refuse(`the connection ended after ${bytes.length} bytes.`, true);
    // Longer than stated: the length was that of the coded body, whose coding was hidden. Shorter means the
    // same where incompressible data grew by it; asked for whole, with headers hidden, that cannot be
    // excluded.
    const mayBeCoded = range === null && response.type === 'cors';
    if (expected !== null && bytes.length < expected && !mayBeCoded)
      return refuse(`the connection ended after ${bytes.length} of ${expected} bytes.`, true);
    return { begin: 0, bytes, version: versionOf(bytes.length) };
  }

  await response.body?.cancel();
  const explained = options.explain?.(response) ?? null;
  if (explained === 'missing' || (!explained && (response.status === 404 || response.status === 410)))
    return null;
  if (!explained && response.status === 416) {
    if (response.headers.get('content-range') === 'bytes */0')
      return { begin: 0, bytes: new Uint8Array(0), version: versionOf(0) };
    // It was longer when it was opened.
    if (begin > 0) throw changedError(name);
  }
  const error = explained ?? plainRefusal(name, response.status);
  const askedMs = error.retryable ? askedPauseMs(response.headers) : null;
  throw askedMs === null
    ? error
    : new StudioError(error.code, error.message, {
        retryable: true,
        details: { ...error.details, retryAfterMs: askedMs },
      });
}

function plainRefusal(name: string, status: number): StudioError {
  const message =
    status === 401 || status === 403
      ? `the server does not give access to it (HTTP ${status}).`
      : `the server answered HTTP ${status}.`;
  return new StudioError('network', `${name}: ${message}`, {
    retryable: status === 429 || status >= 500,
    details: { file: name, value: status },
  });
}

function askedOf({ details }: StudioError): number | null {
  const asked = details['retryAfterMs'];
  return typeof asked === 'number' ? asked : null;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

function unreachable(name: string, cause: unknown): StudioError {
  const what =
    cause instanceof CutShort
      ? 'the connection was lost again and again.'
      : 'could not be fetched. Check the connection and try again.';
  return new StudioError('network', `${name}: ${what}`, { retryable: true, details: { file: name }, cause });
}
