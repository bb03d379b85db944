import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import { rowSizes, rowsOf, sum, thereAndBack, upload } from '../testing/there-and-back.ts';
import { divergence } from './divergence.ts';
import { logSoftmax, plainDivergence } from './plain.ts';

beforeAll(async () => {
  await startDevice();
});

it.each(rowSizes)(
  '%i × %i: from a teacher over part of the vocabulary; a row without a share does not count',
  async (rows, columns) => {
    const shared = Math.max(1, columns - 3);
    const [logits, teacherLogits] = [noise(rows, columns, 7, 12), noise(rows, shared, 8, 12)];
    const share = Float64Array.from({ length: rows }, (_, i) => (i === 1 ? 0 : Math.fround(1 / (i + 2))));
    const teacher = {
      rows,
      columns: shared,
      data: Float64Array.from(rowsOf(teacherLogits).flatMap((row) => [...logSoftmax(row)])),
    };
    const compute = () =>
      thereAndBack(
        (z) => divergence(upload(teacher), z as tf.Tensor2D, tf.tensor1d(Float32Array.from(share))),
        [logits],
        null,
      );
    const [value, gradient] = await compute();
    const expected = plainDivergence(teacher, logits, share);
    expect(Math.abs((value?.[0] ?? NaN) - expected.value)).toBeLessThan(2e-6 * Math.max(1, expected.value));
    expect(relativeError(gradient ?? [], expected.gradient)).toBeLessThan(1e-5);
    expect(await tensorsLeftBy(compute)).toBe(0);
  },
);

describe('over 150,000 tokens', () => {
  const tokens = 150_001;
  const [own, other] = [noise(1, tokens, 11, 2), noise(1, tokens, 12)];
  /** Divergence of a teacher whose logits are the student's and `apart` of noise. */
  async function divergenceAt(
    apart: number,
  ): Promise<{ readonly value: number; readonly exact: number; readonly slopeError: number }> {
    const teacher = logSoftmax(own.data.map((z, i) => z + apart * other.data[i]!)).map(Math.fround);
    const student = logSoftmax(Float64Array.from(own.data, Math.fround));
    const mass = sum(teacher.map(Math.exp));
    const exact = sum(teacher.map((t, j) => (Math.exp(t) / mass) * (t - Math.log(mass) - student[j]!)));
    const given = { rows: 1, columns: tokens, data: teacher };
    const [value, gradient] = await thereAndBack(
      (z) => divergence(upload(given), z as tf.Tensor2D, tf.tensor1d([1])),
      [own],
      null,
    );
    const slopes = Float64Array.from(student, (z, j) => Math.exp(z) - Math.exp(teacher[j]!) / mass);
    return { value: value?.[0] ?? NaN, exact, slopeError: relativeError(gradient ?? [], slopes) };
  }

  it('is exact to float32, and its gradient as well', async () => {
    const { value, exact, slopeError } = await divergenceAt(1);
    expect(Math.abs(value / exact - 1)).toBeLessThan(1e-5);
    expect(slopeError).toBeLessThan(1e-5);
  });

  it('nearly equal distributions are nearly 0 apart, and not below it', async () => {
    const { value, exact } = await divergenceAt(1e-3);
    expect(exact).toBeGreaterThan(1e-8);
    expect(value).toBeGreaterThan(inject('device') === 'wasm' ? 0 : -1e-6);
    expect(Math.abs(value - exact)).toBeLessThan(inject('device') === 'wasm' ? 0.02 * exact : 1e-6);
  });
});
