/**
 * For *.device.test.ts: starts tfjs on the device that this run is for, which is wasm in Node and WebGPU in
 * Chromium, and makes sure that it is the one.
 */
import { backend, getBackend, type KernelBackend } from '@tensorflow/tfjs-core';
import { expect, inject } from 'vitest';
import type { BackendReport } from '../protocol/engine.ts';
import { throwIfDeviceFailed } from '../workers/backend/failure.ts';
import { startBackend } from '../workers/backend/start.ts';

/** The device that runs, for the files of one browser page share it with all that it has compiled. */
let running: { readonly report: BackendReport; readonly backend: KernelBackend } | null = null;

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
