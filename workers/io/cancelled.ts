import { StudioError } from '../../core/errors.ts';

export function cancelled(signal: AbortSignal | undefined): StudioError {
  return new StudioError('cancelled', 'Stopped.', { cause: signal?.reason });
}

/** Throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}
