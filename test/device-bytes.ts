/**
 * Bytes that live tensors take on the device, each memory once: `tf.memory().numBytes` counts every clone.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { submitCommands } from '../workers/backend/buffers.ts';

interface Allocator {
  _malloc(bytes: number): number;
  _free(offset: number): void;
}

/** From now on; tensors that were there before count as nothing. */
export function countDeviceBytes(): () => number {
  return tf.getBackend() === 'wasm'
    ? countHeap((tf.backend() as BackendWasm).wasm as unknown as Allocator)
    : countBuffers(tf.backend() as WebGPUBackend);
}

function countHeap(allocator: Allocator): () => number {
  const live = new Map<number, number>();
  const [malloc, free] = [allocator._malloc, allocator._free];
  allocator._malloc = (bytes) => {
    const offset = malloc(bytes);
    live.set(offset, bytes);
    return offset;
  };
  allocator._free = (offset) => {
    live.delete(offset);
    free(offset);
  };
  return () => [...live.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function countBuffers(backend: WebGPUBackend): () => number {
  const used = () => {
    // Buffers of disposed tensors are given back with the next submission.
    submitCommands();
    return backend.memory().numBytesInGPU;
  };
  const before = used();
  return () => used() - before;
}

export interface PeakBytes {
  /** The most that was handed out at once since the last time this was asked. */
  take(): number;
  /** Leaves the allocator as it was. */
  stop(): void;
}

/** Of the WebAssembly heap, from now on; what was there before counts as nothing. */
export function peakDeviceBytes(): PeakBytes {
  const allocator = (tf.backend() as BackendWasm).wasm as unknown as Allocator;
  const [malloc, free] = [allocator._malloc, allocator._free];
  const live = new Map<number, number>();
  let [now, peak] = [0, 0];
  allocator._malloc = (bytes) => {
    const offset = malloc(bytes);
    live.set(offset, bytes);
    peak = Math.max(peak, (now += bytes));
    return offset;
  };
  allocator._free = (offset) => {
    now -= live.get(offset) ?? 0;
    live.delete(offset);
    free(offset);
  };
  return {
    take() {
      const most = peak;
      peak = now;
      return most;
    },
    stop: () => Object.assign(allocator, { _malloc: malloc, _free: free }),
  };
}
