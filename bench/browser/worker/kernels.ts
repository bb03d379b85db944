/**
 * What the studio mends or replaces in tfjs, beside tfjs's own: products of matrices, and operations that it
 * makes in one pass, there and back.
 */
import * as tf from '@tensorflow/tfjs-core';
import { divergence } from '../../../workers/kernels/divergence/divergence.ts';
import { rmsNorm } from '../../../workers/kernels/rms-norm/rms-norm.ts';
import { swiglu } from '../../../workers/kernels/swiglu/swiglu.ts';
import { gaussian } from '../../inputs.ts';
import type { Device, FusedCase, KernelTasks, MatMulCase } from '../api.ts';
import { startOn } from './device.ts';

const measureForMs = 30;

type Work = () => tf.Tensor[];
type Sides = Readonly<Record<'ours' | 'stock', Work>>;

export function kernelTasks(): KernelTasks {
  let sides: Sides | null = null;
  let device: Device = 'wasm';
  let inputs: tf.Tensor[] = [];
  return {
    async prepareKernel(on, kernel) {
      device = on;
      tf.dispose(inputs);
      const made = 'fused' in kernel ? await fusedSides(on, kernel) : await matMulSides(on, kernel);
      ({ sides, inputs } = made);
      return difference(await readAll(made.sides.ours()), await readAll(made.sides.stock()));
    },
    async kernelMs(side) {
      const work = sides?.[side];
      if (!work) throw new Error('No kernel was prepared.');
      let runs = 0;
      const begun = performance.now();
      do {
        const results = tf.tidy(work);
        // A processor of its own is done when a number of the result has come back.
        if (device === 'webgpu')
          await readAll([tf.slice(tf.reshape(results[0] as tf.Tensor, [-1]), [0], [1])]);
        tf.dispose(results);
        runs++;
      } while (performance.now() - begun < measureForMs);
      return (performance.now() - begun) / runs;
    },
  };
}

let mendedMatMul: tf.KernelConfig | null = null;

async function matMulSides(
  device: Device,
  { batch, m, k, n, transposeA, transposeB }: MatMulCase,
): Promise<{ readonly sides: Sides; readonly inputs: tf.Tensor[] }> {
  const { stockMatMul } = await startOn(device);
  mendedMatMul ??= tf.getKernel('BatchMatMul', device);
  const mended = mendedMatMul;
  if (mended.kernelFunc === stockMatMul.kernelFunc) throw new Error('The product was not mended.');
  const next = gaussian(m + k + n);
  const shaped = (rows: number, columns: number): tf.Tensor =>
    noise(next, batch === 1 ? [rows, columns] : [batch, rows, columns]);
  const [a, b] = [transposeA ? shaped(k, m) : shaped(m, k), transposeB ? shaped(n, k) : shaped(k, n)];
  const by =
    (config: tf.KernelConfig): Work =>
    () => {
      tf.unregisterKernel(config.kernelName, config.backendName);
      tf.registerKernel(config);
      return [tf.matMul(a, b, transposeA, transposeB)];
    };
  return { sides: { ours: by(mended), stock: by(stockMatMul) }, inputs: [a, b] };
}

/** `stock`: as one writes it with tfjs's operations, its gradients by tfjs. */
async function fusedSides(
  device: Device,
  { fused, rows, columns }: FusedCase,
): Promise<{ readonly sides: Sides; readonly inputs: tf.Tensor[] }> {
  await startOn(device);
  const next = gaussian(rows + columns);
  const matrix = (): tf.Tensor2D => noise(next, [rows, columns]) as tf.Tensor2D;
  const thereAndBack =
    (operation: (...x: tf.Tensor[]) => tf.Tensor, x: tf.Tensor[], dy?: tf.Tensor): Work =>
    () => {
      const { value, grads } = dy
        ? { value: operation(...x), grads: tf.grads(operation)(x, dy) }
        : tf.valueAndGrads(operation as (...given: tf.Tensor[]) => tf.Scalar)(x);
      return [value, ...grads];
    };
  const [x, y, dy, w] = [matrix(), matrix(), matrix(), noise(next, [columns]) as tf.Tensor1D];
  const inputs = [x, y, dy, w];
  switch (fused) {
    case 'rmsNorm': {
      const epsilon = 1e-5;
      const stock = (z: tf.Tensor): tf.Tensor =>
        tf.mul(tf.mul(z, tf.rsqrt(tf.add(tf.mean(tf.square(z), 1, true), epsilon))), w);
      return {
        inputs,
        sides: {
          ours: thereAndBack((z) => rmsNorm(z as tf.Tensor2D, w, epsilon), [x], dy),
          stock: thereAndBack(stock as never, [x], dy),
        },
      };
    }
    case 'swiglu': {
      const stock = (gate: tf.Tensor, up: tf.Tensor): tf.Tensor => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
      return {
        inputs,
        sides: {
          ours: thereAndBack((gate, up) => swiglu(gate as tf.Tensor2D, up as tf.Tensor2D), [x, y], dy),
          stock: thereAndBack(stock as never, [x, y], dy),
        },
      };
    }
    case 'divergence': {
      const [teacher, share] = [tf.tidy(() => tf.logSoftmax(y)), tf.fill([rows], 1 / rows) as tf.Tensor1D];
      const stock = (z: tf.Tensor): tf.Tensor =>
        tf.sum(tf.mul(tf.sum(tf.mul(tf.exp(teacher), tf.sub(teacher, tf.logSoftmax(z))), 1), share));
      return {
        inputs: [...inputs, teacher, share],
        sides: {
          ours: thereAndBack((z) => divergence(teacher, z as tf.Tensor2D, share), [x]),
          stock: thereAndBack(stock as never, [x]),
        },
      };
    }
    default:
      fused satisfies never;
      throw new Error('unreachable');
  }
}

function noise(next: () => number, shape: number[]): tf.Tensor {
  return tf.tensor(Float32Array.from({ length: shape.reduce((size, side) => size * side, 1) }, next), shape);
}

async function readAll(tensors: tf.Tensor[]): Promise<Float32Array[]> {
  try {
    return await Promise.all(
      tensors.map(async (tensor) => Float32Array.from(await tensor.data<'float32'>())),
    );
  } finally {
    tf.dispose(tensors);
  }
}

/** Of the results of both sides, the largest relative to the largest element of each. */
function difference(ours: readonly Float32Array[], stock: readonly Float32Array[]): number {
  return Math.max(
    ...ours.map((values, i) => {
      const other = stock[i] as Float32Array;
      const largest = other.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      return (
        values.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] as number))), 0) /
        largest
      );
    }),
  );
}
