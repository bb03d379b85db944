import type * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import { rowSizes, thereAndBack } from '../testing/there-and-back.ts';
import { plainSwiglu } from './plain.ts';
import { swiglu } from './swiglu.ts';

beforeAll(async () => {
  await startDevice();
});

it.each(rowSizes)(
  'rows %i × %i, from saturated to open gates, leaving no tensor behind',
  async (rows, columns) => {
    const [gate, up, dy] = [noise(rows, columns, 4, 30), noise(rows, columns, 5), noise(rows, columns, 6)];
    const compute = () => thereAndBack((g, u) => swiglu(g as tf.Tensor2D, u as tf.Tensor2D), [gate, up], dy);
    const [y, dGate, dUp] = await compute();
    const expected = plainSwiglu(gate.data, up.data, dy.data);
    expect(relativeError(y ?? [], expected.y)).toBeLessThan(2e-6);
    expect(relativeError(dGate ?? [], expected.dGate)).toBeLessThan(4e-6);
    expect(relativeError(dUp ?? [], expected.dUp)).toBeLessThan(2e-6);
    expect(await tensorsLeftBy(compute)).toBe(0);
  },
);
