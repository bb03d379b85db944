import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { symmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import { inputs } from '../svd/testing/inputs.ts';
import { addGram, rotate, splitRotation, type SplitGram } from './split.ts';

beforeAll(async () => {
  await startDevice();
});

/** Float64 product of a [m, k] and b [k, n], by plain loops. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let q = 0; q < k; q++) for (let j = 0; j < n; j++) c[i * n + j]! += a[i * k + q]! * b[q * n + j]!;
  return c;
}

const turned = (a: ArrayLike<number>, m: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => a[(at % m) * n + Math.floor(at / m)]!);
const lengths = (a: ArrayLike<number>, m: number, n: number): number[] =>
  Array.from({ length: m }, (_, i) => Math.hypot(...Array.from({ length: n }, (_, j) => a[i * n + j]!)));
const missedBy = (found: ArrayLike<number>, exact: Float64Array): number =>
  Math.sqrt(
    exact.reduce((sum, value, i) => sum + (found[i]! - value) ** 2, 0) /
      exact.reduce((sum, value) => sum + value ** 2, 0),
  );

/** Rows of length just under 1, all entries float32. */
function rowsOfUnitLength(m: number, n: number): Float32Array {
  const a = inputs['noise']!(m, n);
  const norms = lengths(a, m, n);
  return a.map((value, at) => (0.999 * value) / norms[Math.floor(at / n)]!);
}

describe(`split products on ${inject('device')}`, () => {
  it.each([
    [24, 300, [300]],
    [24, 300, [1, 150, 149]],
    [40, 2100, [2100]],
  ])('give a Gram matrix of %d rows of %d to 1e-9 of their lengths', async (r, n, widths) => {
    const a = rowsOfUnitLength(r, n);
    let sum: SplitGram | null = null;
    let from = 0;
    for (const width of widths) {
      const panel = tf.tidy(() => tf.slice(tf.tensor2d(a, [r, n]), [0, from], [r, width]));
      sum = addGram(sum, panel);
      panel.dispose();
      from += width;
    }
    const [exact, rest] = await Promise.all([sum!.exact.data(), sum!.rest.data()]);
    tf.dispose([sum!.exact, sum!.rest]);
    const gram = product(a, turned(a, r, n), r, n, r);
    let worst = 0;
    for (let i = 0; i < r; i++)
      for (let j = 0; j < r; j++)
        worst = Math.max(
          worst,
          Math.abs(exact[i * r + j]! + (rest[i * r + j]! + rest[j * r + i]!) / 2 - gram[i * r + j]!),
        );
    expect(worst).toBeLessThan(1e-9);
    // The part that is called exact is: integers times 2⁻²², and the float64 product of the rounded rows to
    // the last bit.
    const high = a.map((value) => Math.round(value * 2 ** 11) / 2 ** 11);
    expect(missedBy(exact, product(high, turned(high, r, n), r, n, r))).toBe(0);
  });

  it('turn a matrix as exactly as float32 can hold it, which a plain product does not', async () => {
    const [r, n] = [160, 96];
    // Columns of length just under 1.
    const b = Float32Array.from(turned(rowsOfUnitLength(n, r), r, n));
    const gram = product(b, turned(b, r, n), r, n, r) as Float64Array<ArrayBuffer>;
    const x = symmetricEigen(gram, r).vectors;
    const exact = product(x, b, r, r, n);
    const scales = Float64Array.from({ length: r }, (_, i) => 2 ** (i % 5));
    const split = splitRotation(x, scales);
    const [found, plain] = tf.tidy(() => {
      const panel = tf.tensor2d(b, [r, n]);
      const turn = { high: tf.tensor2d(split.high, [r, r]), low: tf.tensor2d(split.low, [r, r]) };
      return [rotate(turn, panel), tf.matMul(tf.tensor2d(Float32Array.from(x), [r, r]), panel) as Tensor2D];
    });
    const w = (await found!.data()).map((value, at) => value / scales[Math.floor(at / n)]!);
    expect(missedBy(w, exact)).toBeLessThan(3e-8);
    // Twice the 1e-7 that a whole decomposition may miss its matrix by.
    expect(missedBy(await plain!.data(), exact)).toBeGreaterThan(1e-7);
    tf.dispose([found!, plain!]);
  });
});
