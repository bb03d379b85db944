import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../../test/device.ts';
import { readVlm } from '../../../../test/vlm.ts';
import { noise, relativeError } from '../../../backend/reference.ts';
import { attendInGroups, groupTables } from './attention.ts';
import { windowsOf } from './windows.ts';

beforeAll(async () => {
  await startDevice();
});

it('gives the same a few queries at a time as all at once, in windows of several sizes', async () => {
  const { spec } = await readVlm('qwen2.5-vl');
  if (spec.family !== 'qwen2-vl') throw new Error(spec.family);
  const { order, groups } = windowsOf({ rows: 5, columns: 4 }, 3);
  expect(groups.map(({ windows, tiles }) => [windows, tiles])).toEqual([
    [1, 9],
    [1, 3],
    [1, 6],
    [1, 2],
  ]);
  const rows = 20 * spec.vision.mergeSize ** 2;
  const make = (seed: number) =>
    tf.tensor2d(Float32Array.from(noise(rows, spec.vision.hiddenSize, seed).data), [
      rows,
      spec.vision.hiddenSize,
    ]);
  const results = [undefined, 4 * 3 * 36 * 5].map((bytes) =>
    tf.tidy(() => {
      const tables = groupTables(order, 4, groups, spec.vision);
      return attendInGroups(make(1), make(2), make(3), tables, spec.vision.heads, bytes);
    }),
  );
  const [whole, pieces] = await Promise.all(results.map((one) => one.data<'float32'>()));
  expect(relativeError(pieces!, whole!)).toBeLessThan(1e-6);
  tf.dispose(results);
});

it('puts every tile into one window', () => {
  for (const [rows, columns, side] of [
    [7, 3, 4],
    [1, 1, 4],
    [8, 8, 4],
    [9, 5, 2],
  ] as const) {
    const { order, groups } = windowsOf({ rows, columns }, side);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: rows * columns }, (_, i) => i));
    expect(groups.reduce((sum, { windows, tiles }) => sum + windows * tiles, 0)).toBe(rows * columns);
  }
});
