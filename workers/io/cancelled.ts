import { StudioError } from '../../src/core/errors.ts';

/** Throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Stopped.', { cause: signal.reason });
}
