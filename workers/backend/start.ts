/**
 * Chooses, starts and tests what the engine computes on. The only place that picks a backend.
 *
 * `auto` takes a real graphics processor when there is one and it computes correctly, else WebAssembly; a
 * software WebGPU adapter is taken only when asked for by name (WebAssembly is faster on the same cores).
 * What was asked for by name either starts and passes the self-test or is an error.
 */
// First: registering a gradient reads a flag, and on its own that module does not bring the flags along.
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { StudioError } from '../../core/errors.ts';
import type { BackendChoice, BackendReport, SelfTestResult } from '../../protocol/engine.ts';
import { deviceCapacity } from './capacity.ts';
import { findAdapter, type FoundAdapter } from './adapter.ts';
import { clearDeviceFailure, throwIfDeviceFailed } from './failure.ts';
import type { BackendHost } from './host.ts';
import { runSelfTest } from './self-test.ts';

export async function startBackend(choice: BackendChoice, host: BackendHost): Promise<BackendReport> {
  clearDeviceFailure();
  const found = choice === 'wasm' ? null : await findAdapter(host.gpu);
  if (choice === 'webgpu') {
    if (!found) throw new StudioError('device', whyNoAdapter(host), { retryable: true });
    return onWebgpu(
      found,
      found.software ? 'WebGPU was asked for; it runs on a software adapter here.' : 'WebGPU was asked for.',
      host,
    );
  }
  if (choice === 'wasm') return onWasm('WebAssembly was asked for.', host, null);
  if (!found) return onWasm(`${whyNoAdapter(host)} WebAssembly is used.`, host, null);
  if (found.software)
    return onWasm(
      `The WebGPU adapter (${found.name}) is a software adapter, and WebAssembly is faster on the same processor.`,
      host,
      found,
    );
  try {
    return await onWebgpu(found, `A graphics processor was found (${found.name}).`, host);
  } catch (thrown) {
    clearDeviceFailure();
    return onWasm(
      `${thrown instanceof Error ? thrown.message : String(thrown)} WebAssembly is used instead.`,
      host,
      found,
    );
  }
}

/** Set once WebGPU has been loaded. */
let leaveWebgpu = (): void => undefined;

function whyNoAdapter(host: BackendHost): string {
  return host.gpu ? 'The browser offers WebGPU but no graphics adapter.' : 'WebGPU is not available here.';
}

async function onWebgpu(found: FoundAdapter, reason: string, host: BackendHost): Promise<BackendReport> {
  // Loaded only where used: half a megabyte.
  const { startWebgpu, retireWebgpu } = await import('./webgpu.ts');
  leaveWebgpu = retireWebgpu;
  await startWebgpu(found.adapter);
  const selfTest = await passedSelfTest(`The graphics device (${found.name})`);
  return {
    backend: 'webgpu',
    reason,
    adapter: found.name,
    softwareAdapter: found.software,
    threads: 0,
    isolated: host.isolated,
    selfTest,
    capacity: deviceCapacity(0, host.memory),
  };
}

async function onWasm(reason: string, host: BackendHost, found: FoundAdapter | null): Promise<BackendReport> {
  leaveWebgpu();
  const { startWasm } = await import('./wasm.ts');
  const threads = await startWasm(host);
  const alone =
    threads === 1 && !host.isolated && host.cores > 1
      ? ' It runs on one thread, because the page is not cross-origin isolated.'
      : '';
  const selfTest = await passedSelfTest('The WebAssembly backend');
  return {
    backend: 'wasm',
    reason: reason + alone,
    adapter: found?.name ?? null,
    softwareAdapter: found?.software ?? false,
    threads,
    isolated: host.isolated,
    selfTest,
    capacity: deviceCapacity(threads, host.memory),
  };
}

async function passedSelfTest(device: string): Promise<readonly SelfTestResult[]> {
  const results = await runSelfTest();
  throwIfDeviceFailed();
  const wrong = results.find(({ ok }) => !ok);
  if (wrong) {
    throw new StudioError(
      'device',
      `${device} computes wrongly: ${wrong.name} is off by ${wrong.error.toExponential(1)}.`,
      {
        details: { test: wrong.name, value: wrong.error },
      },
    );
  }
  return results;
}
