/**
 * Stage 1 with the matrix products on the engine's device: in Chromium asked for by Web Workers, in Node by
 * the engine's own thread.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import { clearDeviceFailure, recordDeviceFailure, throwIfDeviceFailed } from '../../backend/failure.ts';
import type { Checkpoint, FactorCache, TensorEntry } from '../../io/contract.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { kernelVersion, thinSvd } from '../../kernels/svd/svd.ts';
import { inputs } from '../../kernels/svd/testing/inputs.ts';
import { svdErrors } from '../../kernels/svd/testing/measure.ts';
import { tfjsVisits } from '../../kernels/svdgpu/device.ts';
import { hybridVersion } from '../../kernels/svdgpu/hybrid.ts';
import type { DeviceVisits } from '../../kernels/svdgpu/visits.ts';
import { inProcessWorker } from '../../pool/in-process.ts';
import { webSvdWorker } from '../../pool/web-worker.ts';
import { decompose, type SvdDevice, type SvdWorkers } from './decompose.ts';
import { Mutex } from '../mutex.ts';

beforeAll(async () => {
  await startDevice();
});

const { signal } = new AbortController();
/** The smallest shape worth a device, one that is not, and one that is and cannot use it. */
const matrices = [
  { kind: 'noise', rows: 300, cols: 300 },
  { kind: 'noise', rows: 40, cols: 60 },
  { kind: 'task', rows: 460, cols: 300 },
  { kind: 'rank_one', rows: 300, cols: 310 },
] as const;
const taus = matrices.map(({ kind, rows, cols }) => inputs[kind]!(rows, cols));

const slots = matrices.map(({ rows, cols }, i): SlotInfo => {
  const name = `${i}`;
  return {
    id: `layers.${i}.mlp.up_proj`,
    layer: i,
    kind: 'up',
    shape: [rows, cols],
    rank: Math.min(rows, cols),
    tensors: { base: name, vlm: name, lrm: name },
  };
});
const checkpoint = (role: 'base' | 'lrm'): Checkpoint => ({
  label: role,
  config: {},
  tensors: new Map(
    slots.map(({ shape: [rows, cols] }, i): [string, TensorEntry] => [
      `${i}`,
      { name: `${i}`, dtype: 'F32', shape: [rows, cols], sizeBytes: 4 * rows * cols, file: '' },
    ]),
  ),
  metadata: {},
  sizeBytes: 0,
  readRaw: async (name) =>
    new Uint8Array(
      (role === 'lrm' ? taus[Number(name)]!.slice() : new Float32Array(taus[Number(name)]!.length)).buffer,
    ),
  readRange: () => Promise.reject(new Error('not asked for')),
  readFloat32: () => Promise.reject(new Error('not asked for')),
  readText: async () => null,
});
const checkpoints = { base: checkpoint('base'), vlm: checkpoint('base'), lrm: checkpoint('lrm') };

/** The device of a made-up engine, which orders visits as the real one does. */
function deviceOf(fit = true, mutex = new Mutex()): SvdDevice {
  return {
    fit: () => fit,
    visits(stop) {
      const visits = tfjsVisits(stop);
      const guarded = <T>(body: () => Promise<T>): Promise<T> =>
        mutex.run(async () => {
          throwIfDeviceFailed();
          return body();
        }, stop);
      return {
        gram: (matrix) => guarded(() => visits.gram(matrix)),
        longSide: (matrix, eigen) => guarded(() => visits.longSide(matrix, eigen)),
      };
    },
  };
}

const inWorkers = (device: DeviceVisits | null) =>
  webSvdWorker(new Worker(new URL('../../svd.worker.ts', import.meta.url), { type: 'module' }), device);
const spawnOf = (cache: FactorCache): SvdWorkers['spawn'] =>
  inject('device') === 'webgpu' ? inWorkers : (device) => inProcessWorker(cache, device);

async function run(cache: FactorCache, device: SvdDevice, spawn = spawnOf(cache), count = slots.length) {
  const spectra: SlotSpectrum[] = [];
  const store = await decompose({
    checkpoints,
    slots: slots.slice(0, count),
    cache,
    workers: { spawn, count: 2, device },
    onEvent: (event) =>
      void (event.type === 'spectrum' && event.spectrum.exact && spectra.push(event.spectrum)),
    signal,
  });
  return {
    store,
    by: spectra.sort((a, b) => a.slot - b.slot).map((spectrum) => spectrum.by),
    cached: spectra.map((spectrum) => spectrum.cached),
  };
}

/** A cache that lasts, in memory. */
function lastingCache() {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const cache: FactorCache = {
    ...memoryFactorCache(),
    lasting: true,
    get: async (key) => entries.get(key)?.slice() ?? null,
    async head(key, sizeBytes) {
      const entry = entries.get(key);
      return entry ? { bytes: entry.slice(0, sizeBytes), sizeBytes: entry.length } : null;
    },
    async put(key, parts) {
      entries.set(key, new Uint8Array(await new Blob([...parts]).arrayBuffer()));
      return true;
    },
    reserve: async () => true,
  };
  return { cache, entries };
}

describe(`a trio on ${inject('device')}`, () => {
  test('is decomposed by the device where it is worth it and can, and each spectrum says by whom', async () => {
    const before = tf.memory().numTensors;
    const { store, by } = await run(memoryFactorCache(), deviceOf());
    expect(by).toEqual(['device', 'kernel', 'device', 'kernel']);
    expect(store.kernel).toBe([kernelVersion, hybridVersion].sort().join(' + '));
    for (const [i, { rows, cols }] of matrices.entries()) {
      const svd = await store.read(i, signal);
      const errors = svdErrors(taus[i]!, rows, cols, {
        u: svd.u as Float32Array<ArrayBuffer>,
        s: svd.s as Float32Array<ArrayBuffer>,
        vt: svd.vt as Float32Array<ArrayBuffer>,
      });
      expect(errors.reconstruction).toBeLessThanOrEqual(1e-7);
      expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
      expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);
      const { s } = thinSvd(taus[i]!, rows, cols);
      svd.s.forEach((value, j) => expect(Math.abs(value - s[j]!)).toBeLessThanOrEqual(1e-6 * s[j]!));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is decomposed by the kernel alone where the device is not fit', async () => {
    const { store, by } = await run(memoryFactorCache(), deviceOf(false));
    expect(by).toEqual(['kernel', 'kernel', 'kernel', 'kernel']);
    expect(store.kernel).toBe(kernelVersion);
  });

  test('is decomposed by the kernel when the device fails', async () => {
    recordDeviceFailure('The graphics device was lost.');
    const { by } = await run(memoryFactorCache(), deviceOf()).finally(clearDeviceFailure);
    expect(by).toEqual(['kernel', 'kernel', 'kernel', 'kernel']);
  });
});

describe('a lasting cache', () => {
  const here = (cache: FactorCache) => (device: DeviceVisits | null) => inProcessWorker(cache, device);

  test('gives what the device made also to those who have none', async () => {
    const { cache } = lastingCache();
    const first = await run(cache, deviceOf(), here(cache), 2);
    const second = await run(cache, deviceOf(false), here(cache), 2);
    expect([first.by, second.by]).toEqual([
      ['device', 'kernel'],
      ['device', 'kernel'],
    ]);
    expect(second.cached).toEqual([true, true]);
    expect(await second.store.read(0, signal)).toEqual(await first.store.read(0, signal));
  });

  test('that lost what the device made has it made again by the kernel, for whoever reads may hold the device', async () => {
    const { cache, entries } = lastingCache();
    const mutex = new Mutex();
    const { store } = await run(cache, deviceOf(true, mutex), here(cache), 1);
    const { keys } = store;
    entries.clear();
    const { u, vt } = thinSvd(taus[0]!, 300, 300);
    // As a measurement does: it holds the device, and needs factors.
    expect(await mutex.run(() => store.read(0, signal))).toMatchObject({ u, vt });
    expect(entries.size).toBe(1);
    expect(await store.read(0, signal)).toMatchObject({ u, vt });
    // The session now reads another entry, which others must leave there.
    expect([...entries.keys()].every((key) => store.keys.has(key) && !keys.has(key))).toBe(true);
  });
});
