import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sketchWorkingBytes } from './memory.ts';
import { randomisedTopK, randomisedTopKOn } from './randomised.ts';
import { thinSvd } from './svd.ts';
import { arithmetics } from './testing/arithmetics.node.ts';
import { inputs } from './testing/inputs.ts';
import { rowsFromOrthonormal, transposed } from './testing/measure.ts';

interface Decomposition {
  readonly kind: string;
  readonly rows: number;
  readonly cols: number;
  readonly s: readonly number[];
  readonly u?: readonly number[];
  readonly vt?: readonly number[];
}

const { decompositions } = JSON.parse(
  readFileSync(new URL('../../../zoo/reference/svd/expected.json', import.meta.url), 'utf8'),
) as {
  readonly decompositions: readonly Decomposition[];
};
const lapack = (kind: string, rows: number, cols: number): Decomposition =>
  decompositions.find((c) => c.kind === kind && c.rows === rows && c.cols === cols) ??
  expect.fail(`no reference for ${kind} ${rows} × ${cols}`);

const OVERSAMPLING = 8;
const STRONG = 8; // directions of a `task` matrix that stand out of its noise

describe.each(arithmetics)('randomisedTopKOn, $kind arithmetic', ({ open }) => {
  it.each([
    [128, 352, 40],
    [352, 128, 40],
    [576, 1536, 64],
  ])(
    'finds what LAPACK finds in the strong directions of %d × %d, and no more than that of the others',
    (rows, cols, k) => {
      const a = inputs['task']!(rows, cols);
      const on = open(sketchWorkingBytes(rows, cols, k + OVERSAMPLING));
      const { u, s, vt } = randomisedTopKOn(on, a, rows, cols, k, 1);
      const { s: exact } = lapack('task', rows, cols);
      expect([u.length, s.length, vt.length]).toEqual([rows * k, k, k * cols]);
      expect(rowsFromOrthonormal(transposed(u, rows, k), k, rows)).toBeLessThan(1e-6);
      expect(rowsFromOrthonormal(vt, k, cols)).toBeLessThan(1e-6);
      for (let i = 0; i < k; i++) {
        if (i < STRONG) expect(Math.abs(s[i]! - exact[i]!)).toBeLessThan(1e-6 * exact[i]!);
        // By the interlacing of singular values a projection only ever lowers them; in noise by this much
        // (the header's word).
        expect(s[i]!).toBeLessThanOrEqual(exact[i]! * (1 + 1e-6));
        expect(s[i]!).toBeGreaterThan(0.8 * exact[i]!);
      }
      for (let i = 0; i < STRONG; i++)
        expect(residual(a, rows, cols, u, s, vt, i)).toBeLessThan(angle(exact, i, k) * s[i]!);
    },
  );

  it.each([
    [24, 40],
    [40, 24],
  ])('gives LAPACK’s vectors, signs included: %d × %d', (rows, cols) => {
    const k = 4;
    const { u, vt } = randomisedTopKOn(
      open(sketchWorkingBytes(rows, cols, k + OVERSAMPLING)),
      inputs['task']!(rows, cols),
      rows,
      cols,
      k,
      5,
    );
    const exact = lapack('task', rows, cols);
    const r = Math.min(rows, cols);
    for (let i = 0; i < k; i++) {
      const bound = angle(exact.s, i, k);
      for (let row = 0; row < rows; row++)
        expect(Math.abs(u[row * k + i]! - exact.u![row * r + i]!)).toBeLessThan(bound);
      for (let c = 0; c < cols; c++)
        expect(Math.abs(vt[i * cols + c]! - exact.vt![i * cols + c]!)).toBeLessThan(bound);
    }
  });

  it.each([
    ['lora', 96, 200],
    ['zero', 40, 50],
    ['rank_one', 90, 60],
    ['hadamard', 64, 64],
    ['graded', 160, 100],
    ['tiny', 64, 80],
  ])('is orthonormal and falling, and nothing is overrated: %s %d × %d', (kind, rows, cols) => {
    const k = 12;
    const { u, s, vt } = randomisedTopKOn(
      open(sketchWorkingBytes(rows, cols, k + OVERSAMPLING)),
      inputs[kind]!(rows, cols),
      rows,
      cols,
      k,
      3,
    );
    expect(rowsFromOrthonormal(transposed(u, rows, k), k, rows)).toBeLessThan(1e-6);
    expect(rowsFromOrthonormal(vt, k, cols)).toBeLessThan(1e-6);
    const { s: exact } = lapack(kind, rows, cols);
    for (let i = 0; i < k; i++) {
      expect(s[i]!).toBeLessThanOrEqual(s[i - 1] ?? Infinity);
      expect(s[i]!).toBeLessThanOrEqual(exact[i]! + 1e-6 * exact[0]!);
      expect(s[i]!).toBeGreaterThanOrEqual(0.6 * exact[i]! - 1e-6 * exact[0]!);
    }
  });

  it('has room for a matrix of rank one and a sketch of few rows, which completes far longer ones', () => {
    const [rows, cols] = [20, 6000];
    const on = open(sketchWorkingBytes(rows, cols, 1 + OVERSAMPLING));
    const { u, s, vt } = randomisedTopKOn(on, inputs['rank_one']!(rows, cols), rows, cols, 1, 3);
    expect(rowsFromOrthonormal(u, 1, rows)).toBeLessThan(1e-6);
    expect(rowsFromOrthonormal(vt, 1, cols)).toBeLessThan(1e-6);
    expect(s[0]).toBeGreaterThan(0);
  });

  it.each([
    ['lora', 96, 200],
    ['rank_one', 90, 60],
  ])('is exact where the sketch holds all there is: %s %d × %d', (kind, rows, cols) => {
    const { s } = randomisedTopKOn(
      open(sketchWorkingBytes(rows, cols, 12 + OVERSAMPLING)),
      inputs[kind]!(rows, cols),
      rows,
      cols,
      12,
      3,
    );
    const { s: exact } = lapack(kind, rows, cols);
    for (let i = 0; i < 12; i++)
      expect(Math.abs(s[i]! - exact[i]!)).toBeLessThanOrEqual(
        1e-6 * (exact[i]! > 1e-7 * exact[0]! ? exact[i]! : exact[0]!),
      );
  });
});

describe('randomisedTopK', () => {
  const a = inputs['task']!(60, 90);

  it('gives the same bytes for the same seed, and others for another', () => {
    const first = randomisedTopK(a, 60, 90, 16, 7);
    expect(randomisedTopK(a, 60, 90, 16, 7)).toEqual(first);
    expect(randomisedTopK(a, 60, 90, 16, 8)).not.toEqual(first);
    expect(randomisedTopK(a, 60, 90, 16, 0).s[0]! / first.s[0]!).toBeCloseTo(1, 6);
  });

  it('is the exact decomposition, cut off, where a sketch would not be quicker', () => {
    const { u, s, vt } = thinSvd(a, 60, 90);
    const top = randomisedTopK(a, 60, 90, 40, 7);
    expect(top.s).toEqual(s.slice(0, 40));
    expect(top.vt).toEqual(vt.slice(0, 40 * 90));
    for (let i = 0; i < 60; i++)
      expect(top.u.slice(i * 40, (i + 1) * 40)).toEqual(u.slice(i * 60, i * 60 + 40));
  });

  it.each([
    [0, 1],
    [61, 1],
    [2.5, 1],
    [4, 0.5],
    [4, NaN],
  ])('refuses k = %d with seed %d', (k, seed) => {
    expect(() => randomisedTopK(a, 60, 90, k, seed)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  it('names the place of a value that is not finite, and refuses what does not fit', () => {
    const bad = a.slice();
    bad[3 * 90 + 2] = NaN;
    expect(() => randomisedTopK(bad, 60, 90, 4, 1)).toThrow(
      expect.objectContaining({ code: 'bad-file', details: { row: 3, column: 2, value: 'NaN' } }),
    );
    expect(() => randomisedTopK(a, 61, 90, 4, 1)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

/**
 * How far vector i may turn: the cube of the ratio of what the sketch leaves out to what it looks for (a
 * power iteration after a product), times ten for a random start, and the rounding of float32.
 */
function angle(exact: readonly number[], i: number, k: number): number {
  return 10 * (exact[k + OVERSAMPLING]! / exact[i]!) ** 3 + 2e-7;
}

/** ‖A v_i − s_i u_i‖ in float64. */
function residual(
  a: Float32Array,
  rows: number,
  cols: number,
  u: Float32Array,
  s: Float32Array,
  vt: Float32Array,
  i: number,
): number {
  let sum2 = 0;
  for (let row = 0; row < rows; row++) {
    let sum = -s[i]! * u[row * s.length + i]!;
    for (let c = 0; c < cols; c++) sum += a[row * cols + c]! * vt[i * cols + c]!;
    sum2 += sum * sum;
  }
  return Math.sqrt(sum2);
}
