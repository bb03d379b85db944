/**
 * For *.device.test.ts: starts tfjs on the device that this run is for, which is wasm in Node and WebGPU in
 * Chromium, and makes sure that it is the one.
 */
import {
  backend,
  getBackend,
  getKernelsForBackend,
  type KernelBackend,
  type KernelConfig,
} from '@tensorflow/tfjs-core';
import { expect, inject } from 'vitest';
import type { BackendReport } from '../protocol/engine.ts';
import { throwIfDeviceFailed } from '../workers/backend/failure.ts';
import { startBackend } from '../workers/backend/start.ts';

/** The device that runs, for the files of one browser page share it with all that it has compiled. */
let running: { readonly report: BackendReport; readonly backend: KernelBackend } | null = null;

/** tfjs's own kernels of this device, by name. */
let stock: ReadonlyMap<string, KernelConfig> | null = null;

/** As tfjs registers it, before anything of it is mended. After `startDevice`. */
export function stockKernel(name: string): KernelConfig {
  const kernel = stock?.get(name);
  if (!kernel) throw new Error(`tfjs has no kernel ${name} for this device, or the device was not started.`);
  return kernel;
}

async function stockKernels(): Promise<ReadonlyMap<string, KernelConfig>> {
  const device = inject('device');
  if (device === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  else await import('@tensorflow/tfjs-backend-webgpu');
  return new Map(getKernelsForBackend(device).map((kernel) => [kernel.kernelName, kernel]));
}

function hasFailed(): boolean {
  try {
    throwIfDeviceFailed();
    return false;
  } catch {
    return true;
  }
}

/** Starts the device anew where it does not run, has failed, or is not the one that was started here. */
export async function startDevice(): Promise<BackendReport> {
  const wanted = inject('device');
  if (!running || hasFailed() || getBackend() !== wanted || backend() !== running.backend) {
    stock ??= await stockKernels();
    const report = await startBackend(wanted, await testHost());
    running = { report, backend: backend() };
  }
  expect(running.report.backend).toBe(wanted);
  expect(getBackend()).toBe(wanted);
  return running.report;
}

export async function testHost() {
  if (import.meta.env.SSR) return (await import('../workers/backend/host.node.ts')).nodeHost();
  return (await import('../workers/backend/host.browser.ts')).browserHost();
}
