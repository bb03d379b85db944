import { describe, expect, it } from 'vitest';
import type { Arithmetic } from './arithmetic.ts';
import { symmetricEigenOn } from '../eigen/eigen.ts';
import { gram } from '../rows/gram.ts';
import { svdWorkingBytes } from '../memory.ts';
import { type SingleRange, singleRange } from '../rows/single-range.ts';
import { thinSvdOn } from '../svd.ts';
import { arithmetics } from '../testing/arithmetics.node.ts';
import { inputs, integers } from '../testing/inputs.ts';
import { svdErrors } from '../testing/measure.ts';

const UNIT = 2 ** -24;

describe.each(arithmetics)('gemmSingle, $kind arithmetic', ({ open }) => {
  it.each([
    [1, 1, 1],
    [4, 8, 8],
    [7, 5, 3],
    [9, 21, 530],
    [3, 200, 17],
    [6, 2, 0],
  ])('multiplies %d × %d by inner length %d, exactly on integers, from any strides', (m, n, k) => {
    const on = open();
    const a = integers(1, 6, m * k);
    const b = integers(2, 6, k * n);
    const expected = new Float64Array(m * n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let q = 0; q < k; q++) expected[i * n + j]! += a[i * k + q]! * b[q * n + j]!;
    const stride = n + 2;
    // Each operand once by rows and once by columns, from index 3.
    for (const [aTurned, bTurned] of [
      [false, true],
      [true, false],
    ] as const) {
      const at = (turned: boolean, i: number, j: number, rows: number, cols: number): number =>
        3 + (turned ? j * rows + i : i * cols + j);
      const aData = new Float32Array(3 + m * k);
      const bData = new Float32Array(3 + k * n);
      for (let i = 0; i < m; i++) for (let q = 0; q < k; q++) aData[at(aTurned, i, q, m, k)] = a[i * k + q]!;
      for (let q = 0; q < k; q++) for (let j = 0; j < n; j++) bData[at(bTurned, q, j, k, n)] = b[q * n + j]!;
      const aView = {
        data: on.float32Copy(aData),
        offset: 3,
        rowStride: aTurned ? 1 : k,
        colStride: aTurned ? m : 1,
      };
      const bView = {
        data: on.float32Copy(bData),
        offset: 3,
        rowStride: bTurned ? 1 : n,
        colStride: bTurned ? k : 1,
      };
      const c = on.float64(1 + m * stride).fill(-7);
      on.gemmSingle(m, n, k, aView, bView, 2 ** -5, { data: c, offset: 1, rowStride: stride });
      expected.forEach((value, i) =>
        expect(c[1 + Math.floor(i / n) * stride + (i % n)]).toBe(value / 32 + 0),
      );
      expect(c[0]).toBe(-7);
      for (let i = 0; i < m; i++) expect([c[1 + i * stride + n], c[2 + i * stride + n]]).toEqual([-7, -7]);
    }
  });

  it('errs as much as its header says, and no more in long rows than in short ones', () => {
    const on = open();
    const [m, n] = [40, 60];
    for (const k of [64, 1024]) {
      const a = Float32Array.from(integers(3, 24, m * k), (v) => v / 2 ** 23);
      const b = Float32Array.from(integers(4, 24, k * n), (v) => v / 2 ** 23);
      const c = on.float64(m * n);
      on.gemmSingle(
        m,
        n,
        k,
        { data: on.float32Copy(a), offset: 0, rowStride: k, colStride: 1 },
        { data: on.float32Copy(b), offset: 0, rowStride: n, colStride: 1 },
        1,
        { data: c, offset: 0, rowStride: n },
      );
      let error2 = 0;
      let scale2 = 0;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let q = 0; q < k; q++) {
            sum += a[i * k + q]! * b[q * n + j]!;
            scale2 += (a[i * k + q]! * b[q * n + j]!) ** 2;
          }
          error2 += (c[i * n + j]! - sum) ** 2;
        }
      }
      const units = Math.sqrt(error2 / scale2) / UNIT;
      expect(units).toBeGreaterThan(0.6);
      expect(units).toBeLessThan(1.1);
    }
  });
});

/**
 * Values that repeat, vanish, differ in size from row to row or sit in blocks: where rounding errors are
 * least like random numbers.
 */
const structured: Readonly<Record<string, (rows: number, cols: number) => Float32Array>> = {
  noise: inputs['noise']!,
  'noise and strong directions': (rows, cols) => {
    const strong = inputs['task']!(rows, cols);
    return inputs['noise']!(rows, cols).map((v, i) => v + (strong[i]! - v) / 64);
  },
  signs: (rows, cols) => Float32Array.from(integers(9, 16, rows * cols), (v) => (v < 0 ? -1 : 1)),
  positive: (rows, cols) => Float32Array.from(integers(9, 16, rows * cols), (v) => v + 2 ** 15),
  sparse: (rows, cols) => Float32Array.from(integers(9, 16, rows * cols), (v) => (v % 16 === 0 ? v : 0)),
  blocks: (rows, cols) =>
    inputs['noise']!(rows, cols).map((v, i) =>
      Math.floor(i / cols / 16) === Math.floor(((i % cols) * rows) / cols / 16) ? v : 0,
    ),
  circulant: (rows, cols) => {
    const row = integers(9, 16, cols);
    return Float32Array.from(
      { length: rows * cols },
      (_, i) => row[(cols + (i % cols) - (Math.floor(i / cols) % cols)) % cols]!,
    );
  },
  'repeated columns': (rows, cols) => {
    const noise = inputs['noise']!(rows, cols);
    return noise.map((v, i) => noise[i - (i % cols) + (i % 8)]! + v / 8);
  },
  'rows of all sizes': (rows, cols) =>
    inputs['noise']!(rows, cols).map((v, i) => v * 2 ** -((Math.floor(i / cols) * 7) % 5)),
};

describe.each(arithmetics)('thinSvd with sums in float32, $kind arithmetic', ({ open }) => {
  // The left vectors of a square circulant repeat each magnitude: that is the range's to refuse (below).
  const shapes = Object.keys(structured).flatMap(
    (kind) =>
      [
        [kind, 160, 320],
        [kind, 256, 160],
        [kind, 160, 160],
      ] as const,
  );
  it.each(shapes.filter(([kind, rows, cols]) => kind !== 'circulant' || rows !== cols))(
    'keeps its word: %s, %d × %d',
    (kind, rows, cols) => {
      const a = structured[kind]!(rows, cols);
      const r = Math.min(rows, cols);
      const { from, to } = rangeOf(open(svdWorkingBytes(rows, cols)), a, rows, cols);
      expect(to - from).toBeGreaterThanOrEqual(r / 4); // otherwise nothing is tested here
      const result = thinSvdOn(open(svdWorkingBytes(rows, cols)), a, rows, cols);
      const errors = svdErrors(a, rows, cols, result);
      expect(errors.reconstruction).toBeLessThanOrEqual(1e-7);
      expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
      expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);
    },
  );
});

describe('singleRange', () => {
  const rangeFor = (a: Float32Array, rows: number, cols: number): SingleRange =>
    rangeOf(arithmetics[0]!.open(), a, rows, cols);

  it('takes all of a wide matrix of noise, and leaves out strong directions and the weak end of a square one', () => {
    const noise = inputs['noise']!;
    expect(rangeFor(noise(100, 300), 100, 300)).toEqual({ from: 0, to: 100 });
    const strong = noise(100, 300).map((v, i) => (i < 2 * 300 ? 40 * v : v));
    expect(rangeFor(strong, 100, 300)).toEqual({ from: 0, to: 98 });
    const square = rangeFor(noise(100, 100), 100, 100);
    expect(square.to).toBe(100);
    expect(square.from).toBeGreaterThan(0);
    expect(square.from).toBeLessThan(30);
  });

  it.each([
    ['graded', 128, 160],
    ['lora', 96, 200],
    ['noise', 60, 200],
    ['kronecker', 128, 128],
  ])('is empty where float32 would not do or not pay: %s %d × %d', (kind, rows, cols) => {
    const { from, to } = rangeFor(inputs[kind]!(rows, cols), rows, cols);
    expect(to).toBe(from);
  });

  it('refuses rows whose entries repeat, in as many signs and powers of two as they may', () => {
    const r = 128;
    const squares = new Float64Array(r).fill(1);
    const values = new Float64Array(r).fill(1);
    const distinct = Float64Array.from({ length: r * r }, (_, at) => (1 + ((at * 7919) % 8191) / 8192) / 20);
    expect(singleRange(distinct, values, squares, 0, r)).toEqual({ from: 0, to: r });
    const repeating = distinct.map(
      (_, at) => (1 - 2 * (at % 2)) * 2 ** -(at % 3) * (at % 5 === 0 ? 0.0917 : 0.0631),
    );
    const { from, to } = singleRange(repeating, values, squares, 0, r);
    expect(to).toBe(from);
  });
});

function rangeOf(on: Arithmetic, a: Float32Array, rows: number, cols: number): SingleRange {
  const [r, n] = [Math.min(rows, cols), Math.max(rows, cols)];
  const tall = rows > cols;
  const x = on.float64(r * r);
  const g = gram(
    on,
    { data: on.float32Copy(a), offset: 0, rowStride: tall ? 1 : cols, colStride: tall ? cols : 1 },
    r,
    n,
    2 ** -32,
  );
  const squares = Float64Array.from({ length: r }, (_, i) => g[i * r + i]!);
  const values = symmetricEigenOn(on, g, r, x);
  const weak = values.filter((value) => !(value >= 2 ** -20 * values[r - 1]!)).length;
  return singleRange(x, values, squares, weak, r);
}
