import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { tensorsLeftBy } from '../leaks.ts';
import { stockKernel } from '../mend-kernel.ts';
import { matmul, noise, relativeError, transpose, type Matrix } from '../reference.ts';
import { mendWasmMatmul, ownProductUpTo } from './wasm.ts';

const device = inject('device');
let stock: tf.KernelConfig;

beforeAll(async () => {
  await startDevice();
  stock = stockKernel('BatchMatMul', device);
  expect(tf.getKernel('BatchMatMul', device).kernelFunc).not.toBe(stock.kernelFunc);
});

/** Runs `work` with tfjs's own kernel in place. */
function onStock<T>(work: () => T): T {
  const ours = tf.getKernel('BatchMatMul', device);
  tf.unregisterKernel('BatchMatMul', device);
  tf.registerKernel(stock);
  try {
    return work();
  } finally {
    tf.unregisterKernel('BatchMatMul', device);
    tf.registerKernel(ours);
  }
}

const upload = ({ rows, columns, data }: Matrix) => tf.tensor2d(Float32Array.from(data), [rows, columns]);

async function errorOf(product: () => tf.Tensor, expected: Float64Array): Promise<number> {
  const tensor = tf.tidy(product);
  const error = relativeError(await tensor.data(), expected);
  tensor.dispose();
  return error;
}

describe('matMul', () => {
  const cases = [
    { m: 5, n: 7, k: 3 },
    { m: 40, n: 40, k: 32 },
    { m: 1, n: 352, k: 128 },
    { m: 3, n: 500, k: 129 },
    { m: 300, n: 33, k: 65 },
    { m: 16, n: 64, k: 2048 },
    // More than one block each way.
    { m: 6, n: 530, k: 300 },
  ];
  for (const { m, n, k } of cases) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        it(`${m}×${k} · ${k}×${n}, A${transposeA ? 'ᵀ' : ''} B${transposeB ? 'ᵀ' : ''}, with both gradients`, async () => {
          const [a, b, dy] = [noise(m, k, 1), noise(k, n, 2), noise(m, n, 3)];
          const [storedA, storedB] = [transposeA ? transpose(a) : a, transposeB ? transpose(b) : b];
          const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
          expect(
            await errorOf(() => product(upload(storedA), upload(storedB)), matmul(a, b).data),
          ).toBeLessThan(1e-5);

          const [dA, dB] = [matmul(dy, transpose(b)), matmul(transpose(a), dy)];
          const gradients = () => tf.grads(product)([upload(storedA), upload(storedB)], upload(dy));
          expect(await errorOf(() => gradients()[0]!, (transposeA ? transpose(dA) : dA).data)).toBeLessThan(
            1e-5,
          );
          expect(await errorOf(() => gradients()[1]!, (transposeB ? transpose(dB) : dB).data)).toBeLessThan(
            1e-5,
          );
        });
      }
    }
  }

  for (const [left, right] of [
    [[6], [6]],
    [[6], [1]],
    [[1], [6]],
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [1]],
  ] as const) {
    it(`multiplies batches [${left}] and [${right}] matrix by matrix, transposed or not`, async () => {
      const batch = 6;
      const [a, b] = [noise(batch * 20, 24, 4), noise(batch * 18, 24, 5)];
      const part = (x: Matrix, rows: number, index: number, all: number): Matrix => {
        const start = (all === 1 ? 0 : index) * rows * 24;
        return { rows, columns: 24, data: x.data.subarray(start, start + rows * 24) };
      };
      const sizes = [left, right].map((sizes) =>
        sizes.reduce<number>((product, size) => product * size, 1),
      ) as [number, number];
      const expected = Float64Array.from(
        Array.from({ length: batch }, (_, i) => [
          ...matmul(part(a, 20, i, sizes[0]), transpose(part(b, 18, i, sizes[1]))).data,
        ]).flat(),
      );
      const ta = () => tf.tensor(Float32Array.from(a.data.subarray(0, sizes[0] * 480)), [...left, 20, 24]);
      const tb = () => tf.tensor(Float32Array.from(b.data.subarray(0, sizes[1] * 432)), [...right, 18, 24]);
      const turn = (x: tf.Tensor) => tf.transpose(x, x.rank === 3 ? [0, 2, 1] : [0, 1, 3, 2]);
      expect(await errorOf(() => tf.matMul(ta(), tb(), false, true), expected)).toBeLessThan(1e-5);
      expect(await errorOf(() => tf.matMul(ta(), turn(tb())), expected)).toBeLessThan(1e-5);
      expect(await errorOf(() => tf.matMul(turn(ta()), tb(), true, true), expected)).toBeLessThan(1e-5);
      expect(tf.tidy(() => tf.matMul(ta(), tb(), false, true).shape)).toEqual([
        ...(sizes[0] >= sizes[1] ? left : right),
        20,
        18,
      ]);
    });
  }

  it('leaves no tensors behind', async () => {
    const [a, b] = [upload(noise(64, 96, 6)), upload(noise(80, 96, 7))];
    const dispose = (x: tf.Tensor) => x.dispose();
    expect(await tensorsLeftBy(() => dispose(tf.matMul(a, b, false, true)))).toBe(0);
    expect(
      await tensorsLeftBy(() =>
        tf
          .grads((x, y) => tf.matMul(x!, y!, false, true))([a, b])
          .forEach(dispose),
      ),
    ).toBe(0);
    dispose(a);
    dispose(b);
  });
});

const webgpuFault = () =>
  describe("tfjs's own WebGPU kernel", () => {
    const [a, b] = [noise(64, 4864, 8), noise(64, 4864, 9)];
    const expected = matmul(a, transpose(b)).data;
    const product = () => tf.matMul(upload(a), upload(b), false, true);

    it('is wrong where split-K meets a transposed B, and ours is right', async () => {
      expect(await errorOf(() => onStock(product), expected)).toBeGreaterThan(0.1);
      expect(await errorOf(product, expected)).toBeLessThan(1e-5);
    });

    it('leaves the choice of program as it was', () => {
      tf.dispose(product());
      expect(tf.env().getNumber('WEBGPU_MATMUL_PROGRAM_TYPE')).toBe(-1);
    });
  });

const wasmFault = () =>
  describe("tfjs's own WebAssembly kernel", () => {
    /**
     * How often `work` enters tfjs's matrix product with an operand to transpose or with a batch. It goes
     * through those in scalar loops; nothing else reaches XNNPACK. How slow that is, `npm run bench` measures.
     */
    function scalarProducts(work: () => tf.Tensor): number {
      const { wasm } = tf.backend() as unknown as { wasm: { _BatchMatMul: (...given: number[]) => void } };
      const stockProduct = wasm._BatchMatMul;
      let count = 0;
      wasm._BatchMatMul = (...given) => {
        const [, aShape = 0, , , bShape = 0, , transposeA, transposeB] = given;
        const { HEAP32 } = wasm as unknown as { HEAP32: Int32Array };
        const batches = [HEAP32[aShape / 4], HEAP32[bShape / 4]];
        if (transposeA || transposeB || batches.some((batch) => batch !== 1)) count++;
        stockProduct(...given);
      };
      try {
        work().dispose();
      } finally {
        wasm._BatchMatMul = stockProduct;
      }
      return count;
    }

    const forms = [
      { name: 'a transposed B', a: [384, 384], b: [384, 384], transposeA: false, transposeB: true },
      { name: 'a transposed A', a: [384, 384], b: [384, 384], transposeA: true, transposeB: false },
      { name: 'a batch', a: [16, 128, 128], b: [16, 128, 128], transposeA: false, transposeB: false },
    ];
    for (const { name, a, b, transposeA, transposeB } of forms) {
      it(`goes through ${name} in scalar loops, and ours never does, on few threads or many`, () => {
        const [x, y] = [tf.randomUniform(a), tf.randomUniform(b)];
        const product = () => tf.matMul(x, y, transposeA, transposeB);
        expect(onStock(() => scalarProducts(product))).toBe(1);
        for (const threads of [1, ownProductUpTo + 1]) {
          mendWasmMatmul(threads);
          expect(scalarProducts(product)).toBe(0);
        }
        mendWasmMatmul(1);
        tf.dispose([x, y]);
      });
    }

    it('sends a single product of operands as they lie to XNNPACK, as ours does on many threads', () => {
      const x = tf.randomUniform([64, 64]);
      expect(onStock(() => scalarProducts(() => tf.matMul(x, x)))).toBe(0);
      x.dispose();
    });
  });

// Each fault is that of one device; a test for the other would have nothing to show.
if (device === 'webgpu') webgpuFault();
else wasmFault();

afterAll(() => expect(tf.getBackend()).toBe(device));
