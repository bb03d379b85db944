/**
 * The fused operations on rows, there and back, against plain float64 loops; sizes that no vector of four
 * divides among them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { currentHeap } from '../backend/heap/heap.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { noise, relativeError, type Matrix } from '../backend/reference.ts';
import { gatherRows } from '../nn/gather-rows.ts';
import { rmsNorm } from '../nn/rms-norm.ts';
import { swiglu } from '../nn/swiglu.ts';
import { divergence } from './divergence/divergence.ts';
import { heapGatherRows } from './rows/wasm.ts';

beforeAll(async () => {
  await startDevice();
});

it("uses tfjs's own operations on WebGPU and our own WebAssembly on wasm", () => {
  expect(currentHeap() !== null).toBe(inject('device') === 'wasm');
});

const upload = ({ rows, columns, data }: Matrix): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(data), [rows, columns]);

/** Value and gradients of an operation: its inputs are matrices, `dy` weighs its output. */
async function thereAndBack(
  operation: (...x: tf.Tensor2D[]) => tf.Tensor,
  inputs: readonly Matrix[],
  dy: Matrix | null,
): Promise<Float32Array[]> {
  const results = tf.tidy(() => {
    const given = inputs.map(upload);
    const value = operation(...given);
    return [
      value,
      ...tf.grads((...x) => operation(...(x as tf.Tensor2D[])))(given, dy ? upload(dy) : tf.scalar(1)),
    ];
  });
  const read = await Promise.all(results.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(results);
  return read.map((values) => Float32Array.from(values));
}

const rowsOf = ({ rows, columns, data }: Matrix): Float64Array[] =>
  Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns));
function logSoftmax(row: Float64Array): Float64Array {
  const highest = row.reduce((most, z) => Math.max(most, z), -Infinity);
  const logSum = highest + Math.log(sum(row.map((z) => Math.exp(z - highest))));
  return row.map((z) => z - logSum);
}
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe.each([
  [3, 7],
  [5, 128],
  [1, 2],
])('rows %i × %i', (rows, columns) => {
  it('RMS norm', async () => {
    const [x, w, dy] = [noise(rows, columns, 1, 3), noise(1, columns, 2), noise(rows, columns, 3)];
    const epsilon = 1e-5;
    const [y, dx] = await thereAndBack(
      (input) => rmsNorm(input as tf.Tensor2D, tf.tensor1d(Float32Array.from(w.data)), epsilon),
      [x],
      dy,
    );
    const r = rowsOf(x).map(
      (row) => 1 / Math.sqrt(sum(row.map((value) => value * value)) / columns + epsilon),
    );
    const at = (i: number) => Math.floor(i / columns);
    expect(
      relativeError(
        y ?? [],
        x.data.map((value, i) => value * r[at(i)]! * w.data[i % columns]!),
      ),
    ).toBeLessThan(2e-6);
    const projections = rowsOf(x).map(
      (row, i) => sum(row.map((value, j) => value * w.data[j]! * dy.data[i * columns + j]!)) / columns,
    );
    const expected = x.data.map(
      (value, i) =>
        r[at(i)]! * (dy.data[i]! * w.data[i % columns]! - value * r[at(i)]! ** 2 * projections[at(i)]!),
    );
    expect(relativeError(dx ?? [], expected)).toBeLessThan(2e-6);
  });

  it('SwiGLU, from saturated to open gates', async () => {
    const [gate, up, dy] = [noise(rows, columns, 4, 30), noise(rows, columns, 5), noise(rows, columns, 6)];
    const [y, dGate, dUp] = await thereAndBack(
      (g, u) => swiglu(g as tf.Tensor2D, u as tf.Tensor2D),
      [gate, up],
      dy,
    );
    const sigmoid = gate.data.map((z) => 1 / (1 + Math.exp(-z)));
    const silu = gate.data.map((z, i) => z * sigmoid[i]!);
    expect(
      relativeError(
        y ?? [],
        silu.map((value, i) => value * up.data[i]!),
      ),
    ).toBeLessThan(2e-6);
    expect(
      relativeError(
        dGate ?? [],
        gate.data.map((z, i) => dy.data[i]! * up.data[i]! * sigmoid[i]! * (1 + z * (1 - sigmoid[i]!))),
      ),
    ).toBeLessThan(4e-6);
    expect(
      relativeError(
        dUp ?? [],
        silu.map((value, i) => value * dy.data[i]!),
      ),
    ).toBeLessThan(2e-6);
  });

  it('divergence from a teacher over part of the vocabulary; a row without a share does not count', async () => {
    const shared = Math.max(1, columns - 3);
    const [logits, teacherLogits] = [noise(rows, columns, 7, 12), noise(rows, shared, 8, 12)];
    const share = Float64Array.from({ length: rows }, (_, i) => (i === 1 ? 0 : Math.fround(1 / (i + 2))));
    const teacher = {
      rows,
      columns: shared,
      data: Float64Array.from(rowsOf(teacherLogits).flatMap((row) => [...logSoftmax(row)])),
    };
    const [value, gradient] = await thereAndBack(
      (z) => divergence(upload(teacher), z as tf.Tensor2D, tf.tensor1d(Float32Array.from(share))),
      [logits],
      null,
    );
    let expected = 0;
    const slopes = new Float64Array(logits.data.length);
    for (const [i, row] of rowsOf(logits).entries()) {
      const own = logSoftmax(row.slice(0, shared));
      rowsOf(teacher)[i]!.forEach((t, j) => {
        expected += share[i]! * Math.exp(t) * (t - own[j]!);
        slopes[i * columns + j] = share[i]! * (Math.exp(own[j]!) - Math.exp(t));
      });
    }
    expect(Math.abs((value?.[0] ?? NaN) - expected)).toBeLessThan(2e-6 * Math.max(1, expected));
    expect(relativeError(gradient ?? [], slopes)).toBeLessThan(1e-5);
  });

  it('rows taken out, some twice, and their gradients put back', async () => {
    const x = noise(rows, columns, 9);
    const chosen = Int32Array.from({ length: rows + 2 }, (_, i) => (i * 2) % rows);
    const dy = noise(chosen.length, columns, 10);
    const [y, dx] = await thereAndBack((input) => gatherRows(input as tf.Tensor2D, chosen), [x], dy);
    expect(y).toEqual(Float32Array.from([...chosen].flatMap((row) => [...rowsOf(x)[row]!])));
    const expected = new Float64Array(rows * columns);
    chosen.forEach((row, i) => rowsOf(dy)[i]!.forEach((value, j) => (expected[row * columns + j]! += value)));
    expect(relativeError(dx ?? [], expected)).toBeLessThan(1e-6);
  });
});

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

it('leaves no tensors behind', async () => {
  const work = () =>
    thereAndBack(
      (a, b) =>
        tf.sum(
          swiglu(
            gatherRows(rmsNorm(a as tf.Tensor2D, tf.ones([6]), 1e-5), Int32Array.of(1, 0)),
            b as tf.Tensor2D,
          ),
        ),
      [noise(4, 6, 1), noise(2, 6, 2)],
      null,
    );
  expect(await tensorsLeftBy(work)).toBe(0);
});

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
