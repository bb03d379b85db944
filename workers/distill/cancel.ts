import { StudioError } from '../../src/core/errors.ts';

export function checkCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new StudioError('cancelled', 'Stopped.');
}

/** Lets messages, timers and hand edits in between two pieces of work. */
export const yieldToEvents = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
