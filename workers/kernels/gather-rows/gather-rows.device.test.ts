import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { currentHeap } from '../../backend/heap/heap.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import { rowSizes, rowsOf, thereAndBack } from '../testing/there-and-back.ts';
import { gatherRows } from './gather-rows.ts';
import { heapGatherRows } from './heap.ts';

beforeAll(async () => {
  await startDevice();
});

it("uses tfjs's own operations on WebGPU and our own WebAssembly on wasm", () => {
  expect(currentHeap() !== null).toBe(inject('device') === 'wasm');
});

it.each(rowSizes)(
  '%i × %i: rows taken out, some twice, and their gradients put back',
  async (rows, columns) => {
    const x = noise(rows, columns, 9);
    const chosen = Int32Array.from({ length: rows + 2 }, (_, i) => (i * 2) % rows);
    const dy = noise(chosen.length, columns, 10);
    const compute = () => thereAndBack((input) => gatherRows(input as tf.Tensor2D, chosen), [x], dy);
    const [y, dx] = await compute();
    expect(y).toEqual(Float32Array.from([...chosen].flatMap((row) => [...rowsOf(x)[row]!])));
    const expected = new Float64Array(rows * columns);
    chosen.forEach((row, i) => rowsOf(dy)[i]!.forEach((value, j) => (expected[row * columns + j]! += value)));
    expect(relativeError(dx ?? [], expected)).toBeLessThan(1e-6);
    expect(await tensorsLeftBy(compute)).toBe(0);
  },
);

const onlyOnWasm = () =>
  it('refuses a row that is not there, rather than read another tensor', () => {
    const gather = heapGatherRows();
    for (const row of [-1, 3]) {
      expect(() =>
        tf.tidy(() =>
          gather?.({ x: tf.ones([3, 4]), rows: tf.tensor1d(Int32Array.of(0, row), 'int32') }, {}),
        ),
      ).toThrow(/matrix of 3 rows does not have/);
    }
  });
if (inject('device') === 'wasm') onlyOnWasm();
