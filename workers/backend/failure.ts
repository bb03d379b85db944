/**
 * A compute device can fail between calls: it is lost, or a buffer is over its limit and every read gives
 * zeros. WebGPU reports both beside the call that caused them, so they are kept here until the engine asks.
 */
import { StudioError } from '../../core/errors.ts';

let failure: StudioError | null = null;
let told: ((failure: StudioError) => void) | null = null;

/** Keeps the first failure: the later ones follow from it. */
export function recordDeviceFailure(message: string, cause?: unknown): void {
  if (failure) return;
  failure = new StudioError('device', message, { cause, retryable: true });
  told?.(failure);
}

/** Called at once with each failure that is kept: nothing may be computing that would ask. */
export function onDeviceFailure(listener: ((failure: StudioError) => void) | null): void {
  told = listener;
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
