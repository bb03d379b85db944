/**
 * How engine calls cross the border of a worker, as plain values only. Both sides import this file, and it
 * knows the transport of neither.
 */
import { StudioError, toStudioError } from '../core/errors.ts';
import type { PlainError } from './events.ts';

/**
 * Callbacks come back over the same channel as results, so that an event sent before a call ended also
 * arrives before it ends. A callback is passed as `{ callback: id }`.
 */
export interface CallbackMessage {
  readonly callback: number;
  readonly value: unknown;
}

/**
 * Sent by the worker every `heartbeatMs`, and by nobody while a computation keeps its thread. A worker that has
 * ended sends none either, and says nothing else of it.
 */
export interface HeartbeatMessage {
  readonly heartbeat: true;
}
export const heartbeatMs = 5000;

/** Sent by the worker when the device has failed on which it computes: nothing more comes of it. */
export interface DeviceFailedMessage {
  readonly deviceFailed: PlainError;
}

export function toPlainError(thrown: unknown): PlainError {
  const { code, message, retryable, details } = toStudioError(thrown);
  return { code, message, retryable, details };
}

export function fromPlainError({ code, message, retryable, details }: PlainError): StudioError {
  return new StudioError(code, message, { retryable, details });
}

/**
 * The buffers of all typed arrays in a plain value, each once: results belong to the receiver, so they can
 * move.
 */
export function buffersOf(value: unknown, found: Set<ArrayBuffer> = new Set()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    for (const item of value) buffersOf(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return found;
}
