/**
 * For *.device.test.ts: starts tfjs on the device that this run is for, which is wasm in Node and WebGPU in
 * Chromium, and makes sure that it is the one.
 */
import { getBackend } from '@tensorflow/tfjs-core';
import { expect, inject } from 'vitest';
import type { BackendReport } from '../protocol/engine.ts';
import { startBackend } from '../workers/backend/start.ts';

export async function startDevice(): Promise<BackendReport> {
  const wanted = inject('device');
  const report = await startBackend(wanted, await testHost());
  expect(report.backend).toBe(wanted);
  expect(getBackend()).toBe(wanted);
  return report;
}

export async function testHost() {
  if (import.meta.env.SSR) return (await import('../workers/backend/host.node.ts')).nodeHost();
  return (await import('../workers/backend/host.browser.ts')).browserHost();
}
