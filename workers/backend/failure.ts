/**
 * A compute device can fail between calls: it is lost, or a buffer is over its limit and every read gives
 * zeros. WebGPU reports both beside the call that caused them, so they are kept here until the engine asks.
 */
import { StudioError } from '../../core/errors.ts';

let failure: StudioError | null = null;

/** Keeps the first failure: the later ones follow from it. */
export function recordDeviceFailure(message: string, cause?: unknown): void {
  failure ??= new StudioError('device', message, { cause, retryable: true });
}

export function clearDeviceFailure(): void {
  failure = null;
}

/**
 * To be called after every awaited device read of a long job: what was read before the throw is worthless.
 */
export function throwIfDeviceFailed(): void {
  if (failure) throw failure;
}
