/**
 * A long run takes no more memory than a short one: tensors, the device's memory, and on wasm JavaScript's
 * heap.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { openTinyTrio, runTiny, type TinyTrio } from '../../test/tiny-trio.ts';

let trio: TinyTrio;

beforeAll(async () => {
  await startDevice();
  trio = await openTinyTrio();
});

afterAll(() => trio.dispose());

interface Held {
  readonly tensors: number;
  readonly buffers: number;
  readonly bytes: number;
  /** Of the WebAssembly heap, or of all buffers on the GPU, pooled ones included. */
  readonly deviceBytes: number;
}

function held(): Held {
  const { numTensors: tensors, numDataBuffers: buffers, numBytes: bytes } = tf.memory();
  const backend = tf.backend();
  const deviceBytes =
    inject('device') === 'wasm'
      ? ((backend as BackendWasm).wasm as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8.byteLength
      : (backend as WebGPUBackend).memory().numBytesAllocatedInGPU;
  return { tensors, buffers, bytes, deviceBytes };
}

/** Batches of one of three items of each kind: every shape has come up long before the first look. */
async function lookAt(
  first: number,
  last: number,
  usedBytes: () => number,
): Promise<readonly { readonly held: Held; readonly used: number }[]> {
  const looks: { readonly held: Held; readonly used: number }[] = [];
  const onStep = (step: number) => {
    if (step === first || step === last) looks.push({ held: held(), used: usedBytes() });
  };
  await runTiny(trio, { seed: 5, batchSize: 1, steps: last, onStep });
  return looks;
}

const onWasm = () =>
  test('tensors, WebAssembly heap and JavaScript heap after step 50 are those after step 200', async () => {
    const [{ setFlagsFromString }, { runInNewContext }] = [await import('node:v8'), await import('node:vm')];
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const usedBytes = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const [early, late] = await lookAt(50, 200, usedBytes);
    expect(late?.held).toEqual(early?.held);
    // What V8 keeps of the code grows by up to a megabyte here and levels off (seen over 3000 steps); 13 kB a
    // step would fail.
    expect((late?.used ?? Infinity) - (early?.used ?? 0)).toBeLessThan(2_000_000);
  });

const onWebgpu = () =>
  test('tensors and GPU memory after step 6 are those after step 12', async () => {
    const [early, late] = await lookAt(6, 12, () => 0);
    expect(late?.held).toEqual(early?.held);
  });

if (inject('device') === 'wasm') onWasm();
else onWebgpu();
