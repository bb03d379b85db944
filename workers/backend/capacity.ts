/** What the device in use can hold, as far as it tells. */
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { DeviceCapacity } from '../../core/memory/facts.ts';
import { heapOf } from './heap/heap.ts';
import { largestTensorBytes, wasmTensorBytes } from './limits.ts';
import { ownProductUpTo } from './matmul/wasm.ts';

/** WebAssembly's addresses. */
const wasmLimitBytes = 2 ** 32;

export function deviceCapacity(threads: number, machine: MachineMemory): DeviceCapacity {
  const tensorBytes = largestTensorBytes();
  const common = { tensorBytes, machineBytes: machine.bytes, machineAtLeast: machine.atLeast };
  if (getBackend() === 'webgpu')
    return {
      ...common,
      packsWeights: true,
      backend: 'webgpu',
      totalBytes: null,
      fused: false,
      copiesOperands: false,
    };
  const heap = heapOf(backend() as BackendWasm) !== null;
  return {
    ...common,
    packsWeights: false,
    backend: 'wasm',
    totalBytes: wasmLimitBytes,
    fused: heap,
    copiesOperands: !heap || threads > ownProductUpTo,
  };
}

/** The capacity of the command line before anything has been started: one thread, and vector instructions. */
export const nodeCapacity = (machine: MachineMemory): DeviceCapacity => ({
  backend: 'wasm',
  totalBytes: wasmLimitBytes,
  tensorBytes: wasmTensorBytes,
  packsWeights: false,
  fused: true,
  copiesOperands: false,
  machineBytes: machine.bytes,
  machineAtLeast: machine.atLeast,
});

export interface MachineMemory {
  /** Null where it is not told. */
  readonly bytes: number | null;
  /** There may be more. */
  readonly atLeast: boolean;
}

/**
 * `navigator.deviceMemory` (Chromium) is in GiB, rounded to a power of two, and says no more than 8 to a
 * page, in newer versions 32.
 */
export function browserMemory(): MachineMemory {
  const { deviceMemory } = globalThis.navigator as { readonly deviceMemory?: number };
  return deviceMemory === undefined
    ? { bytes: null, atLeast: false }
    : { bytes: deviceMemory * 2 ** 30, atLeast: deviceMemory >= 8 };
}
