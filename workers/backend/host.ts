import type { MachineMemory } from './capacity.ts';

/**
 * What the place that the engine runs in offers to compute with: filled in by host.browser.ts and
 * host.node.ts.
 */
export interface BackendHost {
  /** Null where there is no WebGPU at all. */
  readonly gpu: GPU | null;
  /** URL or path of each of tfjs's WebAssembly binaries, by its own name. */
  readonly wasmFiles: Readonly<Record<WasmBinary, string>>;
  /** Whether threads may share memory. */
  readonly isolated: boolean;
  readonly cores: number;
  readonly memory: MachineMemory;
  /** Makes tfjs see this many cores: it starts at most half as many threads. */
  claimCores(count: number): void;
}

export type WasmBinary =
  'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';
