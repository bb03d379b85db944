/**
 * Fetches a file, or one range of it, by GET. A fault that may pass (429, 5xx, a lost connection) is followed
 * by another attempt. A range that was cut half-way goes on from the byte that it reached, unless the file
 * has become another one meanwhile.
 *
 * A server may compress what it sends. Platforms decode that unasked, but ranges and lengths then count
 * compressed bytes, and the header that says so is hidden from pages of another origin. A compressed whole is
 * fine; a range of one is no range of the file, so the file is then fetched whole. Chromium even fails a
 * ranged request that is answered compressed, before any header is seen.
 */
import { StudioError } from '../../../core/errors.ts';
import { pauseMs, plainBackoff } from './backoff.ts';
import { throwIfCancelled } from '../cancelled.ts';
import { allocateBytes } from '../range.ts';
import type { ByteRange, Fetched, HttpOptions } from './contract.ts';
import { changedError, sameVersion } from './file-version.ts';
import { CutShort, fetchOnce, NoAnswer } from './one-request.ts';
import { Stalled } from './patience.ts';

/** So much must come of a range that is cut again and again for its attempts to be counted anew. */
const progressBytes = 64 * 2 ** 10;

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

function askedOf({ details }: StudioError): number | null {
  const asked = details['retryAfterMs'];
  return typeof asked === 'number' ? asked : null;
}

function unreachable(name: string, thrown: unknown): StudioError {
  const cause = thrown instanceof CutShort ? thrown.cause : thrown;
  const what =
    cause instanceof Stalled
      ? `${cause.message} Check the connection and the server, and try again.`
      : thrown instanceof CutShort
        ? 'the connection was lost again and again.'
        : 'could not be fetched. Check the connection and try again.';
  return new StudioError('network', `${name}: ${what}`, { retryable: true, details: { file: name }, cause });
}
