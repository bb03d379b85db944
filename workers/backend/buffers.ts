/**
 * The memory that tfjs's WebGPU backend holds but does not use: it pools buffers by their exact size and
 * never gives one back (4.22), so work on many shapes leaves the sum of all of them behind. Trimmed between
 * two phases of work, not within one, where the pool saves time.
 */
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** What is used of tfjs's buffer manager; the published types keep it private. */
interface BufferPool {
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

interface Queue {
  readonly bufferManager: BufferPool;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * Hands all recorded commands to the GPU, after which the buffers of disposed tensors are in the pool. Does
 * nothing on wasm.
 */
export function submitCommands(): void {
  if (getBackend() !== 'webgpu') return;
  const queue = backend() as WebGPUBackend as unknown as Queue;
  queue.ensureCommandEncoderReady();
  queue.endComputePassEncoder();
  queue.submitQueue();
}

/**
 * Destroys pooled buffers. Commands that were submitted may still use them: WebGPU keeps them until those are
 * done. Does nothing on wasm.
 */
export function trimBuffers(): void {
  if (getBackend() !== 'webgpu') return;
  submitCommands();
  const pool = (backend() as WebGPUBackend as unknown as Queue).bufferManager;
  for (const [key, buffers] of pool.freeBuffers) {
    for (const buffer of buffers) {
      pool.numBytesAllocated -= buffer.size;
      pool.numFreeBuffers--;
      buffer.destroy();
    }
    // The key stays: tfjs looks it up when it puts a buffer back.
    pool.freeBuffers.set(key, []);
  }
}
