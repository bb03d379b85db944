/** What the device in use can hold in one tensor. Beyond it WebGPU computes zeros, and says so only beside the call (failure.ts). */
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** Half of the WebAssembly heap: one tensor is never alone in it. */
export const wasmTensorBytes = 2 ** 31;

export function largestTensorBytes(): number {
  if (getBackend() !== 'webgpu') return wasmTensorBytes;
  const { maxBufferSize, maxStorageBufferBindingSize } = (backend() as WebGPUBackend).device.limits;
  return Math.min(maxBufferSize, maxStorageBufferBindingSize);
}
