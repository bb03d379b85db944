/**
 * Starts tfjs's WebGPU backend on a device of our own, so that its limits are the adapter's and its failures
 * are heard.
 */
import { findBackendFactory, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError } from '../../core/errors.ts';
import { recordDeviceFailure } from './failure.ts';
import { mendWebgpuMatmul } from './matmul/webgpu.ts';

/**
 * The limits that a large model meets; WebGPU gives the defaults (128 MiB bindings) to whoever does not ask.
 */
const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** The device in use: what an earlier one still reports concerns nobody. */
let current: GPUDevice | null = null;

/** Ends the device before, and with it all tensors on it. */
export async function startWebgpu(adapter: GPUAdapter): Promise<void> {
  retireWebgpu();
  const requiredLimits = Object.fromEntries(raisedLimits.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits });
  current = device;
  const record = (message: string, cause?: unknown) => {
    if (device === current) recordDeviceFailure(message, cause);
  };
  device.onuncapturederror = ({ error }) =>
    record(`The graphics device reported an error: ${error.message}`, error);
  void device.lost.then(({ reason, message }) =>
    record(`The graphics device was lost (${message || reason}). Restart compute to go on.`),
  );

  mendWebgpuMatmul();
  // Importing the package registers a factory of its own, which would make its own device.
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  if (!(await setBackend('webgpu')))
    throw new StudioError('device', 'The WebGPU backend did not start.', { retryable: true });
}

/**
 * Ends the device in use, if there is one: a device left behind holds its memory, and its loss would pass for
 * a failure of the next backend.
 */
export function retireWebgpu(): void {
  const old = current;
  current = null;
  if (!old) return;
  removeBackend('webgpu');
  old.destroy();
}
