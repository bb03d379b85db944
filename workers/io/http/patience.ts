/**
 * How long a server is waited for. One that accepts a connection and says nothing, or sends a byte now and then, would
 * otherwise keep a download waiting for ever.
 */
import { throwIfCancelled } from '../cancelled.ts';

export interface Patience {
  /** Until the headers of an answer are there. */
  readonly answerMs: number;
  /** In each such stretch of a body, at least `leastBytes` arrive, or all that is left. */
  readonly stretchMs: number;
  readonly leastBytes: number;
}

/** Below 150 bytes a second nobody downloads a model. */
export const plainPatience: Patience = { answerMs: 30_000, stretchMs: 30_000, leastBytes: 4096 };

/** Given to whoever waits on the signal of a request that took too long. */
export class Stalled extends Error {}

export interface Watch {
  /** Fires when the caller cancels, or when the server has been waited for long enough. */
  readonly signal: AbortSignal;
  /** Headers are there. */
  answered(): void;
  received(bytes: number): void;
  /** The request is over; nothing fires any more. */
  end(): void;
}

export function watchRequest(patience: Patience, cancel: AbortSignal | undefined): Watch {
  throwIfCancelled(cancel);
  const stalled = new AbortController();
  const stall = (what: string, ms: number) => () =>
    stalled.abort(new Stalled(`${what} for ${Math.round(ms / 1000)} s.`));
  let arrivedBytes = 0;
  let timer: ReturnType<typeof setTimeout> = setTimeout(
    stall('The server did not answer', patience.answerMs),
    patience.answerMs,
  );
  const stretch = (): void => {
    if (arrivedBytes < patience.leastBytes)
      return stall(`The server sent ${arrivedBytes} bytes`, patience.stretchMs)();
    arrivedBytes = 0;
    timer = setTimeout(stretch, patience.stretchMs);
  };
  return {
    signal: cancel ? AbortSignal.any([cancel, stalled.signal]) : stalled.signal,
    answered() {
      clearTimeout(timer);
      timer = setTimeout(stretch, patience.stretchMs);
    },
    received: (bytes) => void (arrivedBytes += bytes),
    end: () => clearTimeout(timer),
  };
}
