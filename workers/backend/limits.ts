/**
 * What the device in use can hold in one tensor. Beyond it WebGPU computes zeros, and says so only beside the
 * call (failure.ts): check first.
 */
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError, type ErrorDetails } from '../../core/errors.ts';

/** Half of the WebAssembly heap: one tensor is never alone in it. */
export const wasmTensorBytes = 2 ** 31;

export function largestTensorBytes(): number {
  if (getBackend() !== 'webgpu') return wasmTensorBytes;
  const { maxBufferSize, maxStorageBufferBindingSize } = (backend() as WebGPUBackend).device.limits;
  return Math.min(maxBufferSize, maxStorageBufferBindingSize);
}

/**
 * Throws `memory` where a tensor would be larger. @param what the start of a sentence @param advice its end:
 * what a person can do
 */
export function requireFits(bytes: number, what: string, advice: string, details: ErrorDetails = {}): void {
  const limit = largestTensorBytes();
  if (bytes <= limit) return;
  const inMiB = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`;
  throw new StudioError(
    'memory',
    `${what} takes ${inMiB(bytes)}, and the device in use holds at most ${inMiB(limit)} in one piece. ${advice}`,
    { details: { ...details, value: bytes, limit } },
  );
}
