import { expect, test } from 'vitest';
import { leadingDirection } from './leading-direction.ts';

/** A matrix with these singular values, of vectors that are cosines (the DCT's, which are orthonormal). */
function matrixOf(rows: number, columns: number, values: readonly number[]) {
  const basis = (size: number, k: number, i: number) =>
    Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (2 * i + 1) * k) / (2 * size));
  const tau = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return values.reduce(
      (sum, value, k) => sum + value * basis(rows, k + 1, row) * basis(columns, k + 2, column),
      0,
    );
  });
  const u = Float64Array.from({ length: rows }, (_, i) => basis(rows, 1, i));
  const v = Float64Array.from({ length: columns }, (_, i) => basis(columns, 2, i));
  return { tau, u, v };
}

test.each([
  ['tall', 40, 9, [3, 2, 1]],
  ['wide', 9, 40, [3, 2, 1]],
  ['of one direction', 20, 20, [0.01]],
  ['with a small gap', 30, 24, [1, 0.99, 0.98, 0.5]],
  ['of very small numbers', 12, 16, [1e-20, 1e-21]],
] as const)('finds the strongest direction of a matrix that is %s', (_name, rows, columns, values) => {
  const { tau, u, v } = matrixOf(rows, columns, values);
  const found = leadingDirection(tau, columns, 'w');
  expect(found.sigma / values[0]).toBeCloseTo(1, 6);
  // Of u and v together the sign is given.
  const off = (row: number, column: number) =>
    Math.abs((found.u[row] ?? 0) * (found.v[column] ?? 0) - (u[row] ?? 0) * (v[column] ?? 0));
  const worst = Math.max(
    ...Array.from({ length: rows * columns }, (_, at) => off(Math.floor(at / columns), at % columns)),
  );
  // Rounding the matrix to float32 turns its directions by as much over the gap.
  expect(worst).toBeLessThan(values.length > 3 ? 2e-6 : 1e-7);
});

test('a matrix of zeros has none, and equal matrices give equal bits', () => {
  const zero = leadingDirection(new Float32Array(12), 4, 'w');
  expect([zero.sigma, ...zero.u, ...zero.v]).toEqual(new Array(8).fill(0));
  const { tau } = matrixOf(10, 12, [2, 1]);
  expect(leadingDirection(tau, 12, 'a')).toEqual(leadingDirection(tau, 12, 'a'));
});
