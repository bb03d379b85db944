import {
  backend,
  getBackend,
  getKernel,
  ones,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { startDevice, testHost } from '../../test/device.ts';
import type { BackendReport } from '../../protocol/engine.ts';
import { isSoftware } from './adapter.ts';
import { clearDeviceFailure, recordDeviceFailure, throwIfDeviceFailed } from './failure.ts';
import { tensorsLeftBy } from './leaks.ts';
import { runSelfTest } from './self-test.ts';
import { startBackend } from './start.ts';

let report: BackendReport;
beforeAll(async () => {
  report = await startDevice();
});

describe('startBackend', () => {
  it('runs on the device it claims and passes its self-test there', () => {
    expect(getBackend()).toBe(inject('device'));
    expect(report.backend).toBe(inject('device'));
    expect(report.selfTest.map(({ name, ok }) => [name, ok])).toEqual([
      ['transposed product', true],
      ['gradient of a gated product', true],
      ['softmax', true],
      ['RMS norm', true],
    ]);
    for (const { error } of report.selfTest) expect(error).toBeLessThan(1e-5);
  });

  it('says in a sentence why, and does not choose a software adapter of its own accord', async () => {
    const automatic = await startBackend('auto', await testHost());
    // Both test machines have no graphics processor: none in Node, a software adapter in Chromium.
    expect(automatic.backend).toBe('wasm');
    expect(automatic.reason).toMatch(
      inject('device') === 'wasm' ? /WebGPU is not available here/ : /is a software adapter/,
    );
    expect(automatic.softwareAdapter).toBe(inject('device') === 'webgpu');
    expect((await startDevice()).backend).toBe(inject('device'));
  });

  it('refuses what was asked for by name and is not there', async () => {
    const host = { ...(await testHost()), gpu: null };
    await expect(startBackend('webgpu', host)).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('not available'),
    });
    await startDevice();
  });

  it('goes on without a graphics adapter, and says so', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    const automatic = await startBackend('auto', { ...(await testHost()), gpu });
    expect(automatic).toMatchObject({
      backend: 'wasm',
      adapter: null,
      reason: expect.stringContaining('no graphics adapter'),
    });
    await startDevice();
  });

  it('refuses a device that computes wrongly', async () => {
    breakRsqrt();
    const choice = inject('device');
    await expect(startBackend(choice, await testHost())).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('computes wrongly: RMS norm'),
    });
  });

  it('leaves no tensors behind', async () => {
    expect(await tensorsLeftBy(runSelfTest)).toBe(0);
    expect(await tensorsLeftBy(() => ones([2, 2]))).toBe(1);
  });
});

/** Until the end of the test, the device takes a root where it should take the inverse of one. */
function breakRsqrt(): void {
  const device = inject('device');
  const [right, wrong] = [getKernel('Rsqrt', device), getKernel('Sqrt', device)];
  const install = (kernel: typeof right) => {
    unregisterKernel('Rsqrt', device);
    registerKernel({ ...kernel, kernelName: 'Rsqrt' });
  };
  install(wrong);
  onTestFinished(async () => {
    install(right);
    await startDevice();
  });
}

const onlyOnWebgpu = () =>
  describe('on WebGPU', () => {
    it('falls back to WebAssembly when a graphics processor computes wrongly', async () => {
      breakRsqrt();
      const host = await testHost();
      const adapter = await host.gpu!.requestAdapter();
      const info = { vendor: 'nvidia', architecture: 'ampere', device: '', description: 'a real one' };
      const real = {
        info,
        limits: adapter!.limits,
        requestDevice: (descriptor: GPUDeviceDescriptor) => adapter!.requestDevice(descriptor),
      };
      const gpu = { requestAdapter: async () => real } as unknown as GPU;
      const automatic = await startBackend('auto', { ...host, gpu });
      expect(automatic.backend).toBe('wasm');
      expect(automatic.reason).toMatch(
        /a real one.* computes wrongly: RMS norm.*WebAssembly is used instead/,
      );
    });

    it("hears the device's errors, which no call reports", async () => {
      const { device } = backend() as WebGPUBackend;
      device.createBuffer({ size: 4 * device.limits.maxBufferSize, usage: GPUBufferUsage.STORAGE });
      // As every read does: commands reach the device in batches.
      await device.queue.onSubmittedWorkDone();
      await expect.poll(throwIfDeviceFailedMessage).toContain('reported an error');
      await startDevice();
      expect(throwIfDeviceFailed).not.toThrow();
    });

    it('hears that the device is lost, and can be started again', async () => {
      (backend() as WebGPUBackend).device.destroy();
      await expect.poll(throwIfDeviceFailedMessage).toContain('was lost');
      const again = await startDevice();
      expect(again.selfTest.every(({ ok }) => ok)).toBe(true);
    });

    it('is left for WebAssembly without a trace: the device ends, and its end is no failure', async () => {
      const { device } = backend() as WebGPUBackend;
      await startBackend('wasm', await testHost());
      expect((await device.lost).reason).toBe('destroyed');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(throwIfDeviceFailed).not.toThrow();
      await startDevice();
    });

    it('asks for the limits of the adapter instead of the defaults', async () => {
      const adapter = await (await testHost()).gpu!.requestAdapter();
      expect((backend() as WebGPUBackend).device.limits.maxBufferSize).toBe(adapter!.limits.maxBufferSize);
    });
  });

function throwIfDeviceFailedMessage(): string {
  try {
    throwIfDeviceFailed();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'no failure';
}

if (inject('device') === 'webgpu') onlyOnWebgpu();

describe('a failed device', () => {
  it('is thrown when asked, with its first cause, until it is cleared', () => {
    expect(throwIfDeviceFailed).not.toThrow();
    recordDeviceFailure('first');
    recordDeviceFailure('second');
    expect(throwIfDeviceFailed).toThrow('first');
    clearDeviceFailure();
    expect(throwIfDeviceFailed).not.toThrow();
  });
});

describe('isSoftware', () => {
  const info = {
    vendor: '',
    architecture: '',
    device: '',
    description: '',
    isFallbackAdapter: false,
    subgroupMinSize: 4,
    subgroupMaxSize: 4,
  };
  const adapter = (changes: Partial<typeof info>) =>
    ({ info: { __brand: 'GPUAdapterInfo', ...info, ...changes } as const }) as Pick<GPUAdapter, 'info'>;

  it('knows the programs that imitate a graphics processor', () => {
    expect(isSoftware(adapter({ vendor: 'google', architecture: 'swiftshader' }))).toBe(true);
    expect(isSoftware(adapter({ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }))).toBe(true);
    expect(isSoftware(adapter({ description: 'Microsoft Basic Render Driver' }))).toBe(true);
    expect(isSoftware(adapter({ isFallbackAdapter: true }))).toBe(true);
  });

  it('leaves real ones alone', () => {
    expect(
      isSoftware(
        adapter({ vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA GeForce RTX 3060' }),
      ),
    ).toBe(false);
    expect(isSoftware(adapter({ vendor: 'apple', architecture: 'metal-3' }))).toBe(false);
    expect(isSoftware(adapter({ vendor: 'intel', architecture: 'gen-12lp' }))).toBe(false);
  });
});
