/**
 * Starts tfjs as the studio does, but on one thread, and keeps hold of the kernels that it brought before
 * they are mended.
 */
import { getKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { browserHost } from '../../../workers/backend/host.browser.ts';
import { startBackend } from '../../../workers/backend/start.ts';
import type { BackendReport } from '../../../protocol/engine.ts';
import type { Device } from '../api.ts';

let started: {
  readonly device: Device;
  readonly report: Promise<BackendReport>;
  readonly stockMatMul: KernelConfig;
} | null = null;

/** A worker measures one device: the second to be asked for is an error. */
export async function startOn(
  device: Device,
): Promise<{ readonly report: BackendReport; readonly stockMatMul: KernelConfig }> {
  if (!started) {
    if (device === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    else await import('@tensorflow/tfjs-backend-webgpu');
    const stockMatMul = getKernel('BatchMatMul', device);
    // To the studio a page that is not isolated offers one thread.
    started = { device, stockMatMul, report: startBackend(device, { ...browserHost(), isolated: false }) };
  }
  if (started.device !== device) throw new Error(`This worker runs on ${started.device}, not on ${device}.`);
  return { report: await started.report, stockMatMul: started.stockMatMul };
}
