/**
 * Runs at most `limit` bodies at once. The others wait and run in the order in which they came. A body whose
 * signal fires while it waits is never begun.
 */
import { cancelled, throwIfCancelled } from './cancelled.ts';

export type Limiter = <T>(body: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function atMost(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];

  /** Resolves when one that ends hands its place over. */
  const place = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(cancelled(signal));
      };
      waiting.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });

  return async (body, signal) => {
    throwIfCancelled(signal);
    if (running < limit) running += 1;
    else await place(signal);
    try {
      throwIfCancelled(signal);
      return await body();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
