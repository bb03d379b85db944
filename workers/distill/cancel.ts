import { StudioError } from '../../core/errors.ts';

export function checkCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new StudioError('cancelled', 'Stopped.');
}
