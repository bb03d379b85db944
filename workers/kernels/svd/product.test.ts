import { expect, test } from 'vitest';
import { inputs } from './testing/inputs.ts';
import { thinSvdOfProduct } from './product.ts';
import { thinSvd } from './svd.ts';

const at = (values: Float32Array, i: number) => values[i] ?? 0;

function product(
  b: Float32Array,
  a: Float32Array,
  rows: number,
  rank: number,
  cols: number,
  scale: number,
): Float64Array {
  const result = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let l = 0; l < rank; l++)
      for (let j = 0; j < cols; j++)
        result[i * cols + j] =
          (result[i * cols + j] ?? 0) + scale * at(b, i * rank + l) * at(a, l * cols + j);
  return result;
}

test.each([
  [48, 4, 64],
  [64, 16, 24],
  [5, 1, 9],
  [6, 8, 40],
  [40, 8, 6],
])('%i × rank %i × %i: multiplies back, orthonormal, and the σ of the whole matrix', (rows, rank, cols) => {
  const [b, a] = [
    inputs['noise']!(rows, rank),
    inputs['noise']!(rank, cols).map((value, i) => value * (1 + (i % 3))),
  ];
  const whole = product(b, a, rows, rank, cols, 0.75);
  const { u, s, vt } = thinSvdOfProduct(b, a, rows, rank, cols, 0.75);
  const k = Math.min(rank, rows, cols);
  expect([u.length, s.length, vt.length]).toEqual([rows * k, k, k * cols]);
  let error = 0;
  let norm = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += at(u, i * k + l) * at(s, l) * at(vt, l * cols + j);
      error += (sum - (whole[i * cols + j] ?? 0)) ** 2;
      norm += (whole[i * cols + j] ?? 0) ** 2;
    }
  }
  expect(Math.sqrt(error / norm)).toBeLessThan(5e-7);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      let [left, right] = [0, 0];
      for (let l = 0; l < rows; l++) left += at(u, l * k + i) * at(u, l * k + j);
      for (let l = 0; l < cols; l++) right += at(vt, i * cols + l) * at(vt, j * cols + l);
      expect(Math.abs(left - Number(i === j))).toBeLessThan(1e-6);
      expect(Math.abs(right - Number(i === j))).toBeLessThan(1e-6);
    }
  }
  const direct = thinSvd(Float32Array.from(whole), rows, cols);
  s.forEach((value, i) => expect(Math.abs(value / at(direct.s, i) - 1)).toBeLessThan(1e-5));
});

test('a factor of zeros (a fresh adapter) has no energy, and is orthonormal all the same', () => {
  const { s, u } = thinSvdOfProduct(new Float32Array(20), inputs['noise']!(2, 7), 10, 2, 7, 1);
  expect([...s]).toEqual([0, 0]);
  expect(u.some((value) => value !== 0)).toBe(true);
});

test('signs are those of every decomposition: the largest entry of each left vector is positive', () => {
  const { u } = thinSvdOfProduct(inputs['noise']!(37, 6), inputs['noise']!(6, 21), 37, 6, 21, -2);
  for (let i = 0; i < 6; i++) {
    const column = Array.from({ length: 37 }, (_, row) => at(u, row * 6 + i));
    expect(Math.max(...column)).toBeGreaterThan(-Math.min(...column));
  }
});
