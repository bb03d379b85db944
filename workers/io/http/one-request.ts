/** One GET of a file or of a range of it, and what the server's answer means. */
import { StudioError } from '../../../core/errors.ts';
import { askedPauseMs } from './backoff.ts';
import { readBody } from './http-body.ts';
import type { ByteRange, Fetched, FileVersion, HttpOptions } from './contract.ts';
import { changedError } from './file-version.ts';
import { plainPatience, Stalled, watchRequest, type Watch } from './patience.ts';

/** A file of unknown coding up to this size is taken whole where a range of it failed. */
const mostAskedWhole = 32 * 2 ** 20;
const mostWholeBytes = 2 ** 30;
/** The request failed before any header came. */
export class NoAnswer extends Error {}

/** A range of which only the start came. */
export class CutShort extends Error {
  readonly part: Fetched;
  constructor(part: Fetched, cause: unknown) {
    super('The connection ended.', { cause });
    this.part = part;
  }
}

/** `range` null: the whole file. A server that keeps it waiting is left: see patience.ts. */
export async function fetchOnce(
  url: string,
  name: string,
  range: ByteRange | null,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Fetched | 'coded-range' | null> {
  const watch = watchRequest({ ...plainPatience, ...options.patience }, signal);
  try {
    return await ask(url, name, range, options, watch);
  } finally {
    watch.end();
  }
}

async function ask(
  url: string,
  name: string,
  range: ByteRange | null,
  options: HttpOptions,
  watch: Watch,
): Promise<Fetched | 'coded-range' | null> {
  const get = options.fetch ?? fetch;
  const headers = {
    ...options.init?.headers,
    ...(range && { Range: `bytes=${range.begin}-${range.end - 1}` }),
  };
  const response = await get(url, { ...options.init, headers, signal: watch.signal }).catch(
    (cause: unknown) => {
      if (watch.signal.reason instanceof Stalled) throw watch.signal.reason;
      throw new NoAnswer('The request failed.', { cause });
    },
  );
  watch.answered();
  const onBytes = (bytes: number): void => {
    watch.received(bytes);
    options.onBytes?.(bytes);
  };
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
    const { bytes, cut } = await readBody(response, name, length, length, onBytes);
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
      onBytes,
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

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}
