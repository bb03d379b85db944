/** How long to wait before asking a server again. */

export interface Backoff {
  /** Requests in all, the first included; counted anew once something has arrived. */
  readonly attempts: number;
  /** Before the second attempt; doubled each time. */
  readonly firstMs: number;
  /** A server that asks for a longer pause is not asked again. */
  readonly longestMs: number;
  /** In [0, 1); so that many who failed at one moment do not come back at one moment. */
  readonly random: () => number;
  /** Lets the pause pass; ends early, without an error, when the signal fires. */
  readonly wait: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const plainBackoff: Backoff = {
  attempts: 4,
  firstMs: 500,
  longestMs: 30_000,
  random: Math.random,
  wait: pause,
};

/**
 * Where a server counts requests in windows of minutes, and browsers hide from pages of another origin how
 * long it asks them to wait.
 */
const limitedFactor = 10;

/**
 * The pause after `failures` failed attempts (from 1), of which half is chance, or what the server asked for
 * if that is longer; null: give up.
 * @param limited the server said that it was asked too often (429)
 */
export function pauseMs(
  failures: number,
  askedMs: number | null,
  limited: boolean,
  { attempts, firstMs, longestMs, random }: Backoff,
): number | null {
  if (failures >= attempts || (askedMs ?? 0) > longestMs) return null;
  const own = Math.min(
    longestMs,
    firstMs * (limited && askedMs === null ? limitedFactor : 1) * 2 ** (failures - 1),
  );
  return Math.max(askedMs ?? 0, own * (0.5 + 0.5 * random()));
}

/**
 * What a server asks for: Retry-After in seconds or as a date (RFC 9110, 10.2.3), or the reset of an
 * exhausted `RateLimit` (`"api";r=0;t=55`).
 */
export function askedPauseMs(headers: Headers, nowMs = Date.now()): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after && /^\d{1,9}$/.test(after)) return 1000 * Number(after);
  // Platforms take much for a date, "-1" for one.
  const date = after?.endsWith(' GMT') ? Date.parse(after) : NaN;
  if (Number.isFinite(date)) return Math.max(0, date - nowMs);
  const limit = headers.get('ratelimit') ?? '';
  const reset = /;\s*t=(\d{1,9})\b/.exec(limit)?.[1];
  return reset !== undefined && /;\s*r=0\b/.test(limit) ? 1000 * Number(reset) : null;
}

function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish);
    if (signal?.aborted) finish();
  });
}
