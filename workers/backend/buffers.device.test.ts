import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { trimBuffers } from './buffers.ts';

beforeAll(async () => {
  await startDevice();
});

/** Work on twenty shapes, all of it disposed of, with its results read, as a phase of work ends. */
async function workOnManyShapes(): Promise<void> {
  for (let size = 20_000; size < 40_000; size += 1000) {
    const result = tf.tidy(() => tf.sum(tf.square(tf.ones([size]))));
    expect((await result.data())[0]).toBe(size);
    result.dispose();
  }
}

const onWebgpu = () =>
  describe('trimBuffers', () => {
    const memory = () => (tf.backend() as WebGPUBackend).memory();

    it("gives back what tfjs's pool keeps of every shape that was ever used", async () => {
      trimBuffers();
      const before = memory();
      await workOnManyShapes();
      // Stock: the pool holds two vectors of each size.
      expect(memory().numBytesAllocatedInGPU - before.numBytesAllocatedInGPU).toBeGreaterThan(
        20 * 4 * 20_000,
      );
      trimBuffers();
      const after = memory();
      expect(after.numBytesAllocatedInGPU).toBe(before.numBytesAllocatedInGPU);
      expect(after.numBytesAllocatedInGPU).toBe(after.numBytesInGPU);
    });

    it('leaves what is in use as it is, and work goes on with new buffers', async () => {
      const kept = tf.tidy(() => tf.mul(tf.ones([1234]), 3));
      trimBuffers();
      trimBuffers();
      await workOnManyShapes();
      expect((await kept.data()).every((value) => value === 3)).toBe(true);
      kept.dispose();
    });

    it('may come while commands wait that use what is destroyed', async () => {
      const result = tf.tidy(() => tf.add(tf.mul(tf.ones([777]), 2), 1));
      trimBuffers();
      expect((await result.data()).every((value) => value === 3)).toBe(true);
      result.dispose();
    });
  });

const onWasm = () =>
  describe('on wasm', () => {
    it('trimming does nothing', () => {
      const x = tf.ones([3]);
      expect(trimBuffers).not.toThrow();
      expect([...x.dataSync()]).toEqual([1, 1, 1]);
      x.dispose();
    });
  });

if (inject('device') === 'webgpu') onWebgpu();
else onWasm();
