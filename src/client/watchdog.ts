/**
 * Notices a worker that is not heard of. A worker can end without a word (`close()`, memory that the system
 * takes back), and one whose thread is kept by a computation, or which waits for a device that never answers,
 * looks the same from outside. So this only measures; who listens decides.
 *
 * Time in which the page itself slept (a closed lid, a tab in the background) counts for nothing.
 */
import { heartbeatMs } from '../../protocol/wire.ts';

/** What is asked of a clock; tests have their own. */
export interface Clock {
  readonly now: () => number;
  /** Calls again and again; returns how to stop it. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

export const pageClock: Clock = {
  now: () => performance.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

/** For how long the worker has not been heard of. */
export interface Quiet {
  /** Without any message, the heartbeat included. */
  readonly signMs: number;
  /** Without a message that says something: a result, an event of a call. */
  readonly wordMs: number;
  /** Calls that wait for a result. */
  readonly pending: number;
}

/** A tick that comes so late was held back by a page that slept. */
const sleptMs = 3 * heartbeatMs;

export class Watchdog {
  readonly #clock: Clock;
  readonly #stop: () => void;
  #signAt: number;
  #wordAt: number;
  #tickAt: number;
  #pending = 0;

  constructor(clock: Clock, onQuiet: (quiet: Quiet) => void) {
    this.#clock = clock;
    this.#signAt = this.#wordAt = this.#tickAt = clock.now();
    this.#stop = clock.every(heartbeatMs, () => {
      const now = clock.now();
      if (now - this.#tickAt > sleptMs) this.#signAt = this.#wordAt = now;
      this.#tickAt = now;
      onQuiet({ signMs: now - this.#signAt, wordMs: now - this.#wordAt, pending: this.#pending });
    });
  }

  heard(what: 'heartbeat' | 'word'): void {
    this.#signAt = this.#clock.now();
    if (what === 'word') this.#wordAt = this.#signAt;
  }

  /** A call has been sent. */
  called(): void {
    if (this.#pending++ === 0) this.#wordAt = this.#clock.now();
  }

  /** A call has ended, whichever way. */
  answered(): void {
    this.#pending -= 1;
  }

  end(): void {
    this.#stop();
  }
}
