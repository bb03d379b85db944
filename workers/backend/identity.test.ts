import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, expect, it } from 'vitest';
import { nodeHost } from './host.node.ts';
import { stockKernel } from './mend-kernel.ts';
import { startBackend } from './start.ts';

beforeAll(async () => {
  await startBackend('wasm', nodeHost());
});

const memoryOf = (tensor: tf.Tensor) => tensor.dataId;

it("makes a clone a reference to the same memory, which tfjs's own kernel copies", () => {
  const x = tf.ones([4]);
  const clone = tf.clone(x);
  expect(memoryOf(clone)).toBe(memoryOf(x));

  const ours = tf.getKernel('Identity', 'wasm');
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel(stockKernel('Identity', 'wasm'));
  const copy = tf.clone(x);
  expect(memoryOf(copy)).not.toBe(memoryOf(x));
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel(ours);
  tf.dispose([x, clone, copy]);
});

it('keeps the memory until the last reference goes, whichever that is, and then gives it back', async () => {
  const before = tf.memory();
  for (const first of [0, 1]) {
    const x = tf.tensor1d([1, 2, 3]);
    const both = [x, tf.clone(x)];
    both[first]?.dispose();
    const rest = both[1 - first] as tf.Tensor;
    // What is allocated next must not lie where the rest is.
    const other = tf.tensor1d([9, 9, 9]);
    expect([...(await rest.data())]).toEqual([1, 2, 3]);
    tf.dispose([rest, other]);
  }
  expect(tf.memory()).toEqual(before);
});
