/** The browser (page or worker) as a place to compute. */
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { browserMemory } from './capacity.ts';
import type { BackendHost } from './host.ts';

export function browserHost(): BackendHost {
  return {
    // Undefined in browsers without WebGPU and on pages that are not a secure context.
    gpu: (navigator as { readonly gpu?: GPU }).gpu ?? null,
    wasmFiles: {
      'tfjs-backend-wasm.wasm': plainUrl,
      'tfjs-backend-wasm-simd.wasm': simdUrl,
      'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
    },
    isolated: globalThis.crossOriginIsolated === true,
    cores: navigator.hardwareConcurrency || 1,
    memory: browserMemory(),
    claimCores: (count) =>
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true }),
  };
}
