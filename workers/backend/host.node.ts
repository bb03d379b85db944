/** Node as a place to compute: the WebAssembly backend on one thread (tfjs starts no threads in Node). */
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { BackendHost } from './host.ts';

export function nodeHost(): BackendHost {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')),
    'dist',
  );
  return {
    gpu: null,
    wasmFiles: {
      'tfjs-backend-wasm.wasm': join(folder, 'tfjs-backend-wasm.wasm'),
      'tfjs-backend-wasm-simd.wasm': join(folder, 'tfjs-backend-wasm-simd.wasm'),
      'tfjs-backend-wasm-threaded-simd.wasm': join(folder, 'tfjs-backend-wasm-threaded-simd.wasm'),
    },
    isolated: false,
    cores: 1,
    memory: { bytes: totalmem(), atLeast: false },
    claimCores: () => {},
  };
}
