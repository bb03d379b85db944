/**
 * A merged layer in each of its forms: outputs and both gradients against plain float64 loops, and the
 * products that run are those of the cost model.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { checkpointOf } from '../../test/stored-as.ts';
import { gateCount, type GateSlot } from '../../core/gates/field.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { matmul, noise, relativeError, transpose, type Matrix } from '../backend/reference.ts';
import type { Linear } from '../nn/contract.ts';
import { TensorLoader } from '../nn/tensor-loader.ts';
import { stepWork, type Form } from './cost-model.ts';
import { disposeSlot, uploadSlot, type DeviceSlot, type SlotFactors } from './factors.ts';
import { GatedLinear } from './gated-linear.ts';

beforeAll(async () => {
  await startDevice();
});

const lambda = 1.2;
const forms: readonly Form[] = ['dense', 'projected', 'factored'];

interface Problem {
  readonly w: Matrix;
  readonly x: Matrix;
  readonly dy: Matrix;
  readonly factors: SlotFactors;
  readonly place: GateSlot;
  readonly gates: Float32Array;
}

function problem(rows: number, out: number, width: number, budget: number | null): Problem {
  const rank = Math.min(out, width);
  const place = { id: 'x', rank, gates: gateCount(rank, budget), offset: 0 };
  const [u, vt] = [noise(out, rank, 4), noise(rank, width, 5)];
  const factors = {
    id: 'x',
    rows: out,
    columns: width,
    rank,
    u: Float32Array.from(u.data),
    s: Float32Array.from({ length: rank }, (_, i) => 2 / (i + 1)),
    vt: Float32Array.from(vt.data),
  };
  const gates = Float32Array.from({ length: place.gates }, (_, i) => ((i * 37) % 11) / 10);
  return {
    w: noise(out, width, 1),
    x: noise(rows, width, 2),
    dy: noise(rows, out, 3),
    factors,
    place,
    gates,
  };
}

/** y, dx and dL/dgate for L = Σ dy ⊙ y. */
function plainly({
  w,
  x,
  dy,
  factors: { rows: out, columns: width, rank, u, s, vt },
  place,
  gates,
}: Problem) {
  const merged = { ...w, data: w.data.slice() };
  const dW = matmul(transpose(dy), x).data;
  const slopes = new Float64Array(gates.length);
  for (let i = 0; i < rank; i++) {
    const gate = Math.min(i, place.gates - 1);
    for (let row = 0; row < out; row++) {
      for (let column = 0; column < width; column++) {
        const part = lambda * s[i]! * u[row * rank + i]! * vt[i * width + column]!;
        merged.data[row * width + column]! += gates[gate]! * part;
        slopes[gate]! += part * dW[row * width + column]!;
      }
    }
  }
  return { y: matmul(x, transpose(merged)).data, dx: matmul(dy, merged).data, slopes };
}

const upload = ({ rows, columns, data }: Matrix) => tf.tensor2d(Float32Array.from(data), [rows, columns]);

interface Computed {
  readonly y: Float32Array;
  readonly dx: Float32Array | null;
  readonly slopes: Float32Array;
}

async function onDevice(
  { w, x, dy, gates }: Problem,
  slot: DeviceSlot,
  form: Form | null,
  constant = false,
  stored: Linear | null = null,
): Promise<Computed> {
  const own = stored ?? upload(w);
  const layer = new GatedLinear(own, slot, gates, lambda, form);
  const results = tf.tidy(() => {
    const rows = upload(x);
    const y = layer.apply(rows, false);
    const gradients = constant
      ? [tf.grads(() => layer.apply(rows, true))([layer.gates], upload(dy))[0] as tf.Tensor]
      : tf.grads((input) => layer.apply(input as tf.Tensor2D, false))([rows, layer.gates], upload(dy));
    return [y, ...gradients];
  });
  const read: Float32Array[] = [];
  for (const tensor of results) read.push(Float32Array.from(await tensor.data<'float32'>()));
  tf.dispose(results);
  layer.dispose();
  if (own instanceof tf.Tensor && !stored) own.dispose();
  const [y, second, third] = read;
  return {
    y: y as Float32Array,
    dx: constant ? null : (second as Float32Array),
    slopes: (constant ? second : third) as Float32Array,
  };
}

const cases = [
  { name: 'full rank', out: 24, width: 40, rows: 50, budget: null, tail: 'none' },
  {
    name: 'full rank, more outputs than inputs, few rows',
    out: 33,
    width: 20,
    rows: 3,
    budget: null,
    tail: 'none',
  },
  { name: 'a budget held as vectors', out: 40, width: 24, rows: 17, budget: 20, tail: 'vectors' },
  { name: 'a budget with a dense tail', out: 40, width: 32, rows: 30, budget: 4, tail: 'dense' },
] as const;

describe.each(cases)('$name', ({ out, width, rows, budget, tail }) => {
  const given = problem(rows, out, width, budget);
  const expected = plainly(given);

  it.each(forms)(
    '%s: outputs, dx and gate gradients within 1e-5, also where x is constant; nothing left behind',
    async (form) => {
      const slot = uploadSlot(given.factors, given.place);
      expect(slot.tail !== null).toBe(tail === 'dense');
      const left = await tensorsLeftBy(async () => {
        for (const constant of [false, true]) {
          const { y, dx, slopes } = await onDevice(given, slot, form, constant);
          expect(relativeError(y, expected.y)).toBeLessThan(1e-5);
          if (dx) expect(relativeError(dx, expected.dx)).toBeLessThan(1e-5);
          expect(relativeError(slopes, expected.slopes)).toBeLessThan(1e-5);
        }
      });
      disposeSlot(slot);
      expect(left).toBe(0);
    },
  );

  it.each(forms)('%s: does the products that the cost model counts', async (form) => {
    const slot = uploadSlot(given.factors, given.place);
    const [own, x, dy] = [upload(given.w), upload(given.x), upload(given.dy)];
    const layer = new GatedLinear(own, slot, given.gates, lambda, form);
    const profile = await tf.profile(
      () =>
        tf.grads((input) => layer.apply(input as tf.Tensor2D, false))([x, layer.gates], dy)[0] as tf.Tensor,
    );
    const flops = profile.kernels.reduce((sum, { name, inputShapes, outputShapes }) => {
      const products =
        name === 'BatchMatMul'
          ? [inputShapes[0], outputShapes[0]]
          : name === 'StudioScaledProduct'
            ? [inputShapes[1], outputShapes[0]]
            : null;
      if (!products) return sum;
      const [a, result] = products.map((shape) =>
        (shape as number[]).reduce((all, size) => all * size, 1),
      ) as [number, number];
      const [m, n] = (outputShapes[0] as number[]).slice(-2) as [number, number];
      // A [m, k] has a/m = k, also where it is transposed.
      return sum + 2 * m * n * (a / m) * (result / (m * n));
    }, 0);
    expect(flops).toBe(
      stepWork(
        form,
        { out, in: width, vectors: slot.u.shape[1], tail: slot.tail !== null, packed: false },
        rows,
      ).flops,
    );
    tf.dispose(profile.result as tf.Tensor);
    layer.dispose();
    tf.dispose([own, x, dy]);
    disposeSlot(slot);
  });
});

it.each([
  ['dense', null],
  ['projected', null],
  ['factored', null],
  ['factored', 4],
] as const)(
  '%s, over a W₀ as it is loaded from BF16 (packed on WebGPU), budget %s: as over any other; nothing left behind',
  async (form, budget) => {
    const rounded = (values: Float64Array) =>
      decodeFloat32('BF16', encodeFloat32('BF16', Float32Array.from(values)));
    const plain = problem(11, 40, 33, budget);
    const given = { ...plain, w: { ...plain.w, data: Float64Array.from(rounded(plain.w.data)) } };
    const expected = plainly(given);
    const left = await tensorsLeftBy(async () => {
      const slot = uploadSlot(given.factors, given.place);
      const loader = new TensorLoader(
        checkpointOf('BF16', [40, 33], encodeFloat32('BF16', Float32Array.from(given.w.data))),
      );
      const own = await loader.weight('weight', [40, 33]);
      expect(own instanceof tf.Tensor).toBe(inject('device') === 'wasm');
      const { y, dx, slopes } = await onDevice(given, slot, form, false, own);
      expect(relativeError(y, expected.y)).toBeLessThan(1e-5);
      expect(relativeError(dx ?? [], expected.dx)).toBeLessThan(1e-5);
      expect(relativeError(slopes, expected.slopes)).toBeLessThan(1e-5);
      loader.disposeAll();
      disposeSlot(slot);
    });
    expect(left).toBe(0);
  },
);

it('gives the same whether or not what can be made again has been given back in between', async () => {
  const given = problem(9, 12, 10, 3);
  const slot = uploadSlot(given.factors, given.place);
  const own = upload(given.w);
  const layer = new GatedLinear(own, slot, given.gates, lambda);
  const once = await read(layer);
  layer.release();
  expect(await read(layer)).toEqual(once);
  const dense = layer.dense();
  const product = tf.tidy(() => tf.matMul(upload(given.x), dense, false, true));
  expect(relativeError(once, await product.data())).toBeLessThan(1e-6);
  tf.dispose([own, dense, product]);
  layer.dispose();
  disposeSlot(slot);

  async function read(from: GatedLinear): Promise<Float32Array> {
    const y = tf.tidy(() => from.apply(upload(given.x), true));
    const values = Float32Array.from(await y.data<'float32'>());
    y.dispose();
    return values;
  }
});
