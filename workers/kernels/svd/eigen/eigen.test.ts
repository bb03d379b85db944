import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { completeRows } from '../rows/complete.ts';
import { solveTridiagonal } from './divide.ts';
import { symmetricEigenOn } from './eigen.ts';
import { secularRoot } from './secular.ts';
import { arithmetics, placed } from '../testing/arithmetics.node.ts';
import { integers } from '../testing/inputs.ts';
import { rowsFromOrthonormal } from '../testing/measure.ts';
import { tridiagonalise } from './tridiagonal.ts';

interface TridiagonalCase {
  readonly name: string;
  readonly diagonal: readonly number[];
  readonly off: readonly number[];
  readonly values: readonly number[];
}

const { tridiagonals } = JSON.parse(
  readFileSync(new URL('../../../../zoo/reference/svd/expected.json', import.meta.url), 'utf8'),
) as { tridiagonals: readonly TridiagonalCase[] };

/** Diagonals, vectors and weights that are hard on the secular equation, and one of a common size. */
const rankOneProblems = [
  { d: [0, 1, 3, 3.5], z: [0.5, 0.5, 0.5, 0.5], rho: 2 },
  { d: [0, 1e-9, 1], z: [0.6, 1e-7, 0.8], rho: 1 },
  { d: [-5], z: [1], rho: 3 },
  { d: [0, 1], z: [1, 1e-12], rho: 1e-3 },
  {
    d: Array.from({ length: 45 }, (_, i) => (i + (i % 3) / 8) / 1024),
    z: Array.from({ length: 45 }, (_, i) => ((i * 37) % 45) / 300 + 1e-5),
    rho: 0.05,
  },
];

describe.each(arithmetics)('$kind arithmetic', ({ open }) => {
  describe('gemm', () => {
    it.each([
      [1, 1, 1],
      [4, 4, 4],
      [7, 5, 3],
      [101, 9, 300],
      [3, 1030, 5],
      [6, 2, 0],
    ])('multiplies %d × %d by inner length %d, exactly on integers, from any strides', (m, n, k) => {
      const on = open();
      const a = placed(on, integers(1, 8, m * k));
      const b = integers(2, 8, k * n);
      const expected = new Float64Array(m * n);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++)
          for (let q = 0; q < k; q++) expected[i * n + j]! += a[i * k + q]! * b[q * n + j]!;
      const aView = { data: a, offset: 0, rowStride: k, colStride: 1 };
      // B given as the transpose of a float32 copy that starts at index 3.
      const bTurned = on.float32Copy(new Float32Array(3 + n * k));
      for (let q = 0; q < k; q++) for (let j = 0; j < n; j++) bTurned[3 + j * k + q] = b[q * n + j]!;
      const bView = { data: bTurned, offset: 3, rowStride: 1, colStride: k };

      const stride = n + 2;
      const c = on.float64(1 + m * stride).fill(-7);
      const target = { data: c, offset: 1, rowStride: stride };
      const read = (): number[] =>
        Array.from(expected, (_, at) => c[1 + Math.floor(at / n) * stride + (at % n)]!);
      on.gemm(m, n, k, aView, bView, target);
      expect(read()).toEqual(Array.from(expected, (v) => v + 0));
      on.gemm(m, n, k, aView, bView, target, { alpha: -0.5, accumulate: true });
      expect(read()).toEqual(Array.from(expected, (v) => v / 2 + 0));
      // The gaps between rows were not written.
      expect(c[0]).toBe(-7);
      for (let i = 0; i < m; i++) expect([c[1 + i * stride + n], c[2 + i * stride + n]]).toEqual([-7, -7]);
    });
  });

  describe('symmetricEigen', () => {
    it.each([1, 2, 5, 32, 33, 70, 131])('diagonalises a random symmetric matrix of order %d', (n) => {
      const full = symmetric(n);
      const { values, vectors } = eigen(open(), full, n);
      expect(rowsFromOrthonormal(vectors, n, n)).toBeLessThan(2e-14);
      const scale = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
      expect(worstResidual(full, n, values, vectors)).toBeLessThan(5e-15 * scale * Math.sqrt(n));
      for (let i = 1; i < n; i++) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
    });

    it('stays orthogonal where squares of entries underflow', () => {
      const n = 40;
      const nearDiagonal = symmetric(n).map((value, at) => (at % (n + 1) === 0 ? value : value * 2 ** -530));
      const { vectors } = eigen(open(), nearDiagonal, n);
      expect(rowsFromOrthonormal(vectors, n, n)).toBeLessThan(2e-14);
    });

    it('keeps trace and Frobenius norm through the tridiagonal form', () => {
      const n = 75;
      const full = symmetric(n);
      const on = open();
      const { diagonal, offDiagonal } = tridiagonalise(on, placed(on, full), n);
      let trace = 0;
      for (let i = 0; i < n; i++) trace += full[i * n + i]!;
      const norm2 = full.reduce((sum, v) => sum + v * v, 0);
      expect(diagonal.reduce((sum, v) => sum + v, 0)).toBeCloseTo(trace, 10);
      const tridiagonalNorm2 =
        diagonal.reduce((sum, v) => sum + v * v, 0) + 2 * offDiagonal.reduce((sum, v) => sum + v * v, 0);
      expect(tridiagonalNorm2 / norm2).toBeCloseTo(1, 13);
    });
  });

  describe('solveTridiagonal against LAPACK', () => {
    it.each(tridiagonals)('$name', ({ diagonal, off, values }) => {
      const n = diagonal.length;
      const on = open();
      const found = Float64Array.from(diagonal);
      const vectors = on.float64(n * n);
      solveTridiagonal(on, n, found, Float64Array.from([...off, 0]), vectors);
      const scale = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
      values.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(2e-14 * scale));
      expect(rowsFromOrthonormal(vectors, n, n)).toBeLessThan(2e-14);
      const full = new Float64Array(n * n);
      diagonal.forEach((value, i) => (full[i * n + i] = value));
      off.forEach((value, i) => (full[i * n + i + 1] = full[(i + 1) * n + i] = value));
      expect(worstResidual(full, n, found, vectors)).toBeLessThan(2e-14 * scale);
    });

    it('finds the eigenvalues 2 − 2 cos(kπ/(n+1)) of the second difference', () => {
      const n = 257;
      const found = new Float64Array(n).fill(2);
      const on = open();
      solveTridiagonal(on, n, found, new Float64Array(n).fill(-1), on.float64(n * n));
      found.forEach((value, i) =>
        expect(Math.abs(value - (2 - 2 * Math.cos(((i + 1) * Math.PI) / (n + 1))))).toBeLessThan(1e-14),
      );
    });

    it('leaves a zero matrix alone', () => {
      const found = new Float64Array(50);
      const on = open();
      const vectors = on.float64(50 * 50);
      solveTridiagonal(on, 50, found, new Float64Array(50), vectors);
      expect(rowsFromOrthonormal(vectors, 50, 50)).toBe(0);
      expect(Array.from(found)).toEqual(Array.from(new Float64Array(50)));
    });
  });

  describe('rankOneEigen', () => {
    it.each(rankOneProblems)('diagonalises diag(d) + ρ z zᵀ: %o', ({ d, z, rho }) => {
      const k = d.length;
      const on = open();
      const position = d.map((_, i) => (i + 1) % k); // component i goes to column i + 1
      const roots = on.float64(k);
      const vectors = on.float64(k * k);
      expect(
        on.rankOneEigen(
          k,
          placed(on, d),
          placed(on, z),
          rho,
          on.int32(position),
          roots,
          vectors,
          on.float64(3 * k),
        ),
      ).toBe(true);
      expect(rowsFromOrthonormal(vectors, k, k)).toBeLessThan(1e-15 * (k + 4));
      const full = new Float64Array(k * k);
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++)
          full[position[i]! * k + position[j]!] = rho * z[i]! * z[j]! + (i === j ? d[i]! : 0);
      const size = Math.max(...d.map(Math.abs)) + rho * z.reduce((sum, v) => sum + v * v, 0);
      expect(worstResidual(full, k, roots, vectors)).toBeLessThan(1e-14 * size);
    });
  });

  describe('completeRows', () => {
    it.each([
      [0, 5, 9],
      [3, 6, 9],
      [8, 1, 9],
      [50, 40, 90],
    ])('completes %d rows by %d in %d dimensions', (k, missing, size) => {
      const on = open();
      const { vectors } = eigen(on, symmetric(size), size);
      const given = vectors.slice(0, k * size);
      const added = completeRows(on, placed(on, given), k, missing, size);
      expect(rowsFromOrthonormal([...given, ...added], k + missing, size)).toBeLessThan(2e-14);
    });
  });
});

describe('secularRoot', () => {
  it.each(rankOneProblems)('interlaces and adds up to the trace: %o', ({ d, z, rho }) => {
    const n = d.length;
    const differences = new Float64Array(n * n);
    const z2 = Float64Array.from(z, (v) => v * v);
    const roots = d.map((_, j) => secularRoot(n, j, Float64Array.from(d), z2, rho, differences, j * n));
    const norm2 = z2.reduce((sum, v) => sum + v, 0);
    roots.forEach((root, j) => {
      expect(root).toBeGreaterThanOrEqual(d[j]!);
      expect(root).toBeLessThanOrEqual(d[j + 1] ?? d[j]! + rho * norm2 * (1 + 1e-15));
      expect(differences[j * n + j]!).toBeLessThan(0); // strictly past its own pole, even where the sum above rounds to it
      if (j + 1 < n) expect(differences[j * n + j + 1]!).toBeGreaterThan(0);
    });
    const trace = d.reduce((sum, v) => sum + v, 0) + rho * norm2;
    expect(roots.reduce((sum, v) => sum + v, 0)).toBeCloseTo(trace, 13);
  });
});

function eigen(
  on: Arithmetic,
  a: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const vectors = on.float64(n * n);
  const values = symmetricEigenOn(on, placed(on, a), n, vectors);
  return { values, vectors };
}

function symmetric(n: number): Float64Array {
  const a = integers(7, 16, n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      a[i * n + j] = j > i ? a[i * n + j]! / 2 ** 15 : a[j * n + i]! / (i === j ? 2 ** 15 : 1);
  return a;
}

/** max |A q − λ q| over all pairs; row i of `vectors` is the i-th eigenvector. */
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
