/** Turns at the device: who gets one, what is checked on the way in and out, and what is said while one is awaited. */
import type { BackendReport } from '../../protocol/engine.ts';
import type { Progress } from '../../protocol/events.ts';
import { throwIfDeviceFailed } from '../backend/failure.ts';
import { Mutex } from './mutex.ts';
import { waitingFor } from './progress-meter.ts';

/**
 * @param owner what the body is, as in “the export”: others who wait are told
 * @param report told what is waited for; there is nothing to count in it, so its total is 0
 */
export type Turn = <T>(
  owner: string,
  body: () => Promise<T>,
  signal?: AbortSignal,
  report?: (progress: Progress) => void,
) => Promise<T>;

export interface DeviceTurns {
  /** A body that changes what the engine has. */
  readonly turn: Turn;
  /** A body that computes: only on a device that was started and works. */
  readonly onDevice: Turn;
}

export function deviceTurns(requireDevice: () => BackendReport): DeviceTurns {
  const mutex = new Mutex();
  const turn: Turn = (owner, body, signal, report) =>
    mutex.run(body, signal, { owner, onWait: (holder) => report?.(waitingFor(holder)) });
  return {
    turn,
    onDevice(owner, body, signal, report) {
      const guarded = async () => {
        requireDevice();
        throwIfDeviceFailed();
        try {
          return await body();
        } finally {
          // What a broken device computed is worthless, and so is the error that tfjs made of it.
          throwIfDeviceFailed();
        }
      };
      return turn(owner, guarded, signal, report);
    },
  };
}
