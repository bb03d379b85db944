/**
 * Models stored in 16 bits: on WebGPU their weights stay packed, elsewhere they are widened, and either way
 * the model is that of the widened weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { countDeviceBytes } from '../../test/device-bytes.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { checkpointOf, storedAs } from '../../test/stored-as.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { relativeError } from '../backend/reference.ts';
import type { Checkpoint } from '../io/contract.ts';
import { multiply } from './linear.ts';
import { PackedLinear } from './packed-linear.ts';
import { TensorLoader } from './tensor-loader.ts';
import { loadTextModel } from './text-model.ts';
import { loadVision } from './vision-model.ts';

const onWebgpu = inject('device') === 'webgpu';

beforeAll(async () => {
  await startDevice();
});

async function load(checkpoint: Checkpoint) {
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  return loadTextModel(checkpoint, spec.text, spec.names);
}

// The embedding as output head, and biases; and a head of its own.
describe.each([
  ['tiny-tied-biased', 'BF16', 4],
  ['tiny-llama', 'F16', 1],
] as const)('%s in %s', (name, dtype, maxTokens) => {
  const folder = `zoo/reference/nn/${name}`;

  async function compute(checkpoint: Checkpoint) {
    const { prompts, stopId } = await readJsonFixture<{ prompts: number[][]; stopId: number }>(
      `${folder}/reference.json`,
    );
    const [deviceBytes, bytesBefore] = [countDeviceBytes(), tf.memory().numBytes];
    const model = await load(checkpoint);
    const batch = leftPadded(prompts);
    const embedded = model.embed(batch);
    const logits = model.logits(embedded, batch, model.linears, Int32Array.from(batch.ids.keys()));
    const values = Float32Array.from(await logits.data<'float32'>());
    logits.dispose();
    const answers = await model.generate(embedded, batch, model.linears, { maxTokens, stopIds: [stopId] });
    embedded.dispose();
    const bytes = { ofTensors: tf.memory().numBytes - bytesBefore, onDevice: deviceBytes() };
    const packed = [...model.linears.values()].filter((weight) => weight instanceof PackedLinear).length;
    model.dispose();
    return { values, answers, bytes, packed, count: model.linears.size };
  }

  it('gives the logits and the answers of the widened model, in half the memory where it is packed; nothing is left behind', async () => {
    const checkpoint = await readCheckpoint(folder);
    const left = await tensorsLeftBy(async () => {
      const [stored, widened] = [
        await compute(storedAs(checkpoint, dtype)),
        await compute(storedAs(checkpoint, 'F32', dtype)),
      ];
      expect(widened.packed).toBe(0);
      expect(stored.packed).toBe(onWebgpu ? stored.count : 0);
      expect(relativeError(stored.values, widened.values)).toBeLessThan(1e-5);
      expect(stored.answers).toEqual(widened.answers);
      // All matrices of these models have an even number of columns.
      const inMatrices = [...checkpoint.tensors.values()].reduce(
        (sum, { shape }) => (shape.length === 2 ? sum + (shape[0] ?? 0) * (shape[1] ?? 0) : sum),
        0,
      );
      expect(widened.bytes.ofTensors - stored.bytes.ofTensors).toBe(onWebgpu ? 2 * inMatrices : 0);
      // On wasm the heap also keeps what the first run allocated.
      if (onWebgpu) expect(widened.bytes.onDevice - stored.bytes.onDevice).toBe(2 * inMatrices);
    });
    expect(left).toBe(0);
  });
});

it('a tower and its connector in BF16 give the features of the widened ones', async () => {
  const checkpoint = await readCheckpoint('zoo/reference/nn/tiny-idefics3');
  const encode = async (stored: Checkpoint) => {
    const spec = readModelSpec(stored.config, stored.tensors.keys());
    if (spec.kind !== 'vlm') throw new Error(`read as ${spec.kind}`);
    const vision = await loadVision(stored, spec);
    const features = vision.encode(
      Float32Array.from({ length: 3 * spec.vision.imageSize ** 2 }, (_, i) => ((i * 37) % 101) / 50 - 1),
      1,
    );
    const values = Float32Array.from(await features.data<'float32'>());
    features.dispose();
    vision.dispose();
    return values;
  };
  const left = await tensorsLeftBy(async () => {
    expect(
      relativeError(
        await encode(storedAs(checkpoint, 'BF16')),
        await encode(storedAs(checkpoint, 'F32', 'BF16')),
      ),
    ).toBeLessThan(1e-5);
  });
  expect(left).toBe(0);
});

describe('a weight', () => {
  // 5 × 3, small integers and a half: exact in bfloat16 and in all sums.
  const values = Float32Array.from({ length: 15 }, (_, i) => (i % 7) - 2.5);
  const codes = Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => bits >>> 16);
  const loaderOf = (shape: readonly number[]) =>
    new TensorLoader(checkpointOf('BF16', shape, new Uint8Array(codes.buffer)));

  it('has a gradient by its rows alone, and is a matrix when asked', async () => {
    const loader = loaderOf([5, 3]);
    const weight = await loader.weight('weight', [5, 3]);
    const [rows, slopes] = [
      [1, 2, 3, -1, 0, 2],
      [1, 0, 2, 0, -1, 3, 1, 0, 0, 1],
    ];
    const [x, dy] = [tf.tensor2d(rows, [2, 3]), tf.tensor2d(slopes, [2, 5])];
    const { value, grad } = tf.valueAndGrad(
      (input) => tf.sum(tf.mul(multiply(input as tf.Tensor2D, weight), dy)) as tf.Scalar,
    )(x);
    const expected = new Float64Array(6);
    for (let i = 0; i < 2; i++)
      for (let o = 0; o < 5; o++)
        for (let k = 0; k < 3; k++) expected[3 * i + k]! += slopes[5 * i + o]! * values[3 * o + k]!;
    expect([...(await grad.data())]).toEqual([...expected]);
    const dot = expected.reduce((sum, each, i) => sum + each * rows[i]!, 0);
    expect((await value.data())[0]).toBe(dot);
    if (weight instanceof PackedLinear) {
      const [dense, back] = [weight.dense(), weight.applyTransposed(dy)];
      expect(await dense.data()).toEqual(values);
      expect([...(await back.data())]).toEqual([...expected]);
      tf.dispose([dense, back]);
    }
    tf.dispose([x, dy, value, grad]);
    loader.disposeAll();
  });

  it('of another shape, or missing, is refused', async () => {
    await expect(loaderOf([3, 5]).weight('weight', [5, 3])).rejects.toMatchObject({
      code: 'mismatch',
      details: { tensor: 'weight', value: '3×5' },
    });
    await expect(loaderOf([5, 3]).weight('other', [5, 3])).rejects.toMatchObject({
      code: 'missing',
      details: { tensor: 'other' },
    });
  });

  it('that the device cannot hold in float32 is refused before it is read', async () => {
    const shape = [2 ** 16, 2 ** 15];
    const loader = new TensorLoader({
      ...checkpointOf('F32', shape, new Uint8Array(0)),
      readFloat32: () => Promise.reject(new Error('was read')),
    });
    await expect(loader.matrix('weight')).rejects.toMatchObject({
      code: 'memory',
      details: { tensor: 'weight', value: 2 ** 33 },
    });
  });
});
