import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maxSvdBytes } from '../memory.ts';
import { releaseSimd } from '../arithmetic/simd.ts';
import { symmetricEigen } from './symmetric-eigen.ts';
import { inputs, integers } from '../testing/inputs.ts';
import { rowsFromOrthonormal } from '../testing/measure.ts';

interface Reference {
  readonly tridiagonals: readonly {
    readonly name: string;
    readonly diagonal: readonly number[];
    readonly off: readonly number[];
    readonly values: readonly number[];
  }[];
  readonly decompositions: readonly {
    readonly kind: string;
    readonly rows: number;
    readonly cols: number;
    readonly s: readonly number[];
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../../../zoo/reference/svd/expected.json', import.meta.url), 'utf8'),
) as Reference;

describe('symmetricEigen', () => {
  it.each(reference.tridiagonals)(
    'gives LAPACK’s values of the matrix “$name”, and vectors of them',
    ({ diagonal, off, values: expected }) => {
      const r = diagonal.length;
      const full = new Float64Array(r * r);
      diagonal.forEach((v, i) => (full[i * r + i] = v));
      off.forEach((v, i) => (full[(i + 1) * r + i] = full[i * r + i + 1] = v));
      const { values, vectors } = symmetricEigen(full, r);
      const size = Math.max(Math.abs(expected[0]!), Math.abs(expected[r - 1]!));
      expected.forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThan(3e-14 * size));
      expect(rowsFromOrthonormal(vectors, r, r)).toBeLessThan(3e-14);
      expect(worstResidual(full, r, values, vectors)).toBeLessThan(3e-14 * size);
    },
  );

  it('gives the squares of LAPACK’s singular values from a Gram matrix made elsewhere', () => {
    const [rows, cols] = [128, 352];
    const a = inputs['task']!(rows, cols);
    const g = new Float64Array(rows * rows);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j <= i; j++)
        for (let q = 0; q < cols; q++) g[i * rows + j]! += a[i * cols + q]! * a[j * cols + q]!;
    const { values } = symmetricEigen(g, rows);
    const { s } = reference.decompositions.find(
      (c) => c.kind === 'task' && c.rows === rows && c.cols === cols,
    )!;
    s.forEach((sigma, i) =>
      expect(Math.abs(values[rows - 1 - i]! - sigma * sigma)).toBeLessThan(1e-13 * s[0]! * s[0]!),
    );
  });

  it('reads the lower triangle alone, and leaves it as it was', () => {
    const r = 37;
    const g = integers(3, 12, r * r);
    const before = g.slice();
    const { values, vectors } = symmetricEigen(g, r);
    expect(g).toEqual(before);
    for (let i = 0; i < r; i++) for (let j = i + 1; j < r; j++) g[i * r + j] = NaN;
    expect(symmetricEigen(g, r)).toEqual({ values, vectors });
  });

  it.each([2 ** 900, 2 ** -900, 2 ** -1000])(
    'keeps its accuracy when the matrix is scaled by %d',
    (scale) => {
      const r = 40;
      const g = integers(3, 12, r * r);
      const { values, vectors } = symmetricEigen(g, r);
      const scaled = symmetricEigen(
        g.map((v) => v * scale),
        r,
      );
      scaled.values.forEach((value, i) => expect(value).toBe(values[i]! * scale));
      expect(scaled.vectors).toEqual(vectors);
    },
  );

  it.each([1, 2])('has the results of a matrix of order %d in memory of their own', (r) => {
    const g = Float64Array.from({ length: r * r }, (_, i) => (i % (r + 1) === 0 ? 3 : 1));
    const { values, vectors } = symmetricEigen(g, r);
    releaseSimd();
    symmetricEigen(new Float64Array(100), 10);
    expect(values[r - 1]).toBeCloseTo(r === 1 ? 3 : 4, 14);
    expect(rowsFromOrthonormal(vectors, r, r)).toBeLessThan(1e-15);
  });

  it('refuses what it cannot read, what is not finite, and what does not fit', () => {
    expect(() => symmetricEigen(new Float64Array(5), 2)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
    expect(() => symmetricEigen(new Float64Array(0), 0)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
    const bad = Float64Array.of(1, 0, NaN, 1);
    expect(() => symmetricEigen(bad, 2)).toThrow(
      expect.objectContaining({ code: 'bad-file', details: { row: 1, column: 0, value: 'NaN' } }),
    );
    const r = 9000;
    const huge = { length: r * r } as Float64Array; // refused by its size, before a value is read
    expect(() => symmetricEigen(huge, r)).toThrow(expect.objectContaining({ code: 'memory' }));
    expect(8 * 6 * r * r).toBeGreaterThan(0.9 * maxSvdBytes);
  });
});

function worstResidual(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < n; row++) {
      let sum = -values[i]! * vectors[i * n + row]!;
      for (let c = 0; c < n; c++) sum += a[row * n + c]! * vectors[i * n + c]!;
      worst = Math.max(worst, Math.abs(sum));
    }
  }
  return worst;
}
