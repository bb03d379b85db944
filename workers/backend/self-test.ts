/**
 * Tests whether this device computes what it should. Each test runs one operation that is known to go wrong
 * silently somewhere (drivers, and tfjs itself), and compares it with plain float64 loops.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { SelfTestResult } from '../../protocol/engine.ts';
import { matmul, noise, relativeError, transpose, type Matrix } from './reference.ts';

/**
 * Largest |difference| over largest |reference|. Sound devices stay below 1e-5; the known faults are above
 * 0.1.
 */
const tolerance = 1e-3;

export async function runSelfTest(): Promise<readonly SelfTestResult[]> {
  const tests = [transposedProduct, gatedGradient, softmaxOfRows, rootMeanSquareNorm];
  const results: SelfTestResult[] = [];
  for (const test of tests) {
    const { name, expected, tensor } = test();
    const computed = await tensor.data();
    tensor.dispose();
    const error = relativeError(computed, expected);
    // Not `error > tolerance`: NaN must fail.
    results.push({ name, error, ok: error <= tolerance });
  }
  return results;
}

interface Test {
  readonly name: string;
  readonly expected: Float64Array;
  readonly tensor: tf.Tensor;
}

const upload = ({ rows, columns, data }: Matrix): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(data), [rows, columns]);

/** A·Bᵀ with K = 2048 and few output tiles: where split-K goes wrong. */
function transposedProduct(): Test {
  const [a, b] = [noise(16, 2048, 1), noise(64, 2048, 2)];
  return {
    name: 'transposed product',
    expected: matmul(a, transpose(b)).data,
    tensor: tf.tidy(() => tf.matMul(upload(a), upload(b), false, true)),
  };
}

/** d/dg of Σ C ⊙ ((x·U) ⊙ g)·V: what every FRISM step computes. = Σ_rows (xU) ⊙ (C·Vᵀ). */
function gatedGradient(): Test {
  const [x, u, v, c] = [noise(16, 96, 3), noise(96, 32, 4), noise(32, 2048, 5), noise(16, 2048, 6)];
  const [xu, cv] = [matmul(x, u), matmul(c, transpose(v))];
  const expected = new Float64Array(32);
  xu.data.forEach((value, i) => (expected[i % 32] = (expected[i % 32] ?? 0) + value * (cv.data[i] ?? 0)));
  const tensor = tf.tidy(() => {
    const [tx, tu, tv, tc] = [upload(x), upload(u), upload(v), upload(c)];
    const loss = (g: tf.Tensor) =>
      tf.sum(tf.mul(tf.matMul(tf.mul(tf.matMul(tx, tu), g) as tf.Tensor2D, tv), tc)) as tf.Scalar;
    return tf.grad(loss)(tf.fill([32], 0.5));
  });
  return { name: 'gradient of a gated product', expected, tensor };
}

function softmaxOfRows(): Test {
  const x = noise(24, 151, 7, 12);
  const expected = new Float64Array(x.data.length);
  for (let row = 0; row < x.rows; row++) {
    const logits = x.data.subarray(row * x.columns, (row + 1) * x.columns);
    const largest = Math.max(...logits);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    logits.forEach((logit, i) => (expected[row * x.columns + i] = Math.exp(logit - largest) / total));
  }
  return { name: 'softmax', expected, tensor: tf.tidy(() => tf.softmax(upload(x))) };
}

function rootMeanSquareNorm(): Test {
  const x = noise(24, 160, 8, 3);
  const expected = x.data.map((value, i) => {
    const row = x.data.subarray(i - (i % 160), i - (i % 160) + 160);
    return value / Math.sqrt(row.reduce((sum, entry) => sum + entry * entry, 0) / 160 + 1e-5);
  });
  const tensor = tf.tidy(() => {
    const values = upload(x);
    return tf.mul(values, tf.rsqrt(tf.add(tf.mean(tf.square(values), -1, true), 1e-5)));
  });
  return { name: 'RMS norm', expected, tensor };
}
