import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import { rowSizes, thereAndBack } from '../testing/there-and-back.ts';
import { plainRmsNorm } from './plain.ts';
import { rmsNorm } from './rms-norm.ts';

beforeAll(async () => {
  await startDevice();
});

it.each(rowSizes)('rows %i × %i, there and back, leaving no tensor behind', async (rows, columns) => {
  const [x, w, dy] = [noise(rows, columns, 1, 3), noise(1, columns, 2), noise(rows, columns, 3)];
  const epsilon = 1e-5;
  const compute = () =>
    thereAndBack(
      (input) => rmsNorm(input as tf.Tensor2D, tf.tensor1d(Float32Array.from(w.data)), epsilon),
      [x],
      dy,
    );
  const [y, dx] = await compute();
  const expected = plainRmsNorm(x, w.data, epsilon, dy.data);
  expect(relativeError(y ?? [], expected.y)).toBeLessThan(2e-6);
  expect(relativeError(dx ?? [], expected.dx)).toBeLessThan(2e-6);
  expect(await tensorsLeftBy(compute)).toBe(0);
});
