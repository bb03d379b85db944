import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { thinSvd } from '../svd/svd.ts';
import { symmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import { inputs, integers } from '../svd/testing/inputs.ts';
import { svdErrors } from '../svd/testing/measure.ts';
import { tfjsVisits } from './device.ts';
import { withProducts } from './testing/spoiled-products.ts';
import { hybridSvd, type HybridParts, type HybridSvd } from './hybrid.ts';

interface Decomposition {
  readonly kind: string;
  readonly rows: number;
  readonly cols: number;
  readonly s: readonly number[];
  readonly u?: readonly number[];
  readonly vt?: readonly number[];
}

const never = new AbortController().signal;
const parts: HybridParts = { device: tfjsVisits(never), solveEigen: symmetricEigen, exact: thinSvd };

/**
 * Shapes of the reference that are decomposed here, and by whom. The others are too large for a test on a
 * software device.
 */
const cases: readonly (readonly [kind: string, rows: number, cols: number, by: string])[] = [
  ['task', 24, 40, 'device'],
  ['task', 40, 24, 'device'],
  ['noise', 7, 7, 'small'],
  ['task', 352, 128, 'device'],
  ['task', 128, 352, 'device'],
  ['noise', 160, 160, 'device'],
  ['noise', 33, 35, 'device'],
  ['lora', 352, 128, 'ill conditioned'],
  ['lora', 96, 200, 'ill conditioned'],
  ['graded', 128, 160, 'ill conditioned'],
  ['graded', 160, 100, 'ill conditioned'],
  ['cliff', 120, 150, 'ill conditioned'],
  ['cliff', 150, 150, 'ill conditioned'],
  ['hadamard', 64, 64, 'device'],
  ['twins', 128, 160, 'device'],
  ['repeated_rows', 100, 130, 'ill conditioned'],
  ['steps', 96, 120, 'device'],
  ['identity', 70, 70, 'device'],
  ['zero', 40, 50, 'zero or not finite'],
  ['rank_one', 90, 60, 'ill conditioned'],
  ['tiny', 64, 80, 'device'],
  ['huge', 64, 80, 'device'],
  ['noise', 1, 77, 'small'],
  ['noise', 77, 1, 'small'],
  ['noise', 1, 1, 'small'],
  ['noise', 2, 3, 'small'],
];

let reference: readonly Decomposition[];
beforeAll(async () => {
  await startDevice();
  reference = (
    await readJsonFixture<{ readonly decompositions: readonly Decomposition[] }>(
      'zoo/reference/svd/expected.json',
    )
  ).decompositions;
});

const whoDid = (svd: HybridSvd): string => (svd.by === 'kernel' ? svd.because : svd.by);

describe(`hybridSvd on ${inject('device')}, against LAPACK`, () => {
  it.each(cases)('%s, %d × %d: %s', async (kind, rows, cols, by) => {
    const expected = reference.find((one) => one.kind === kind && one.rows === rows && one.cols === cols);
    if (!expected) throw new Error('The reference has no such case.');
    const a = inputs[kind]!(rows, cols);
    const svd = await hybridSvd(a, rows, cols, parts, never);
    expect(whoDid(svd)).toBe(by);
    holdToContract(a, rows, cols, svd, expected.s);
    expected.u?.forEach((value, i) => expect(svd.u[i]).toBeCloseTo(value, 6));
    expected.vt?.forEach((value, i) => expect(svd.vt[i]).toBeCloseTo(value, 6));
  });

  it('does not depend on how the long side is cut into panels', async () => {
    for (const [rows, cols] of [
      [352, 128],
      [128, 352],
    ] as const) {
      const a = inputs['task']!(rows, cols);
      const svd = await hybridSvd(
        a,
        rows,
        cols,
        { ...parts, device: tfjsVisits(never, 4 * 128 * 100) },
        never,
      );
      expect(svd.by).toBe('device');
      holdToContract(
        a,
        rows,
        cols,
        svd,
        reference.find((one) => one.kind === 'task' && one.rows === rows)!.s,
      );
    }
  });
});

/**
 * Matrices that each strain one assumption of the method, against the exact kernel, which LAPACK is held
 * against elsewhere.
 */
describe('hybridSvd against the kernel', () => {
  const random = (
    rows: number,
    cols: number,
    at: (value: number, i: number, j: number) => number,
  ): Float32Array =>
    Float32Array.from(integers(9, 16, rows * cols), (value, k) =>
      at(value / 2 ** 15, Math.floor(k / cols), k % cols),
    );
  const strained: readonly (readonly [
    what: string,
    a: Float32Array,
    rows: number,
    cols: number,
    by: string,
  ])[] = [
    ['entries that are all positive', random(60, 150, (x) => Math.abs(x)), 60, 150, 'device'],
    [
      'one column that outweighs all others',
      random(60, 150, (x, _, j) => (j === 7 ? 300 * x : x)),
      60,
      150,
      'device',
    ],
    [
      'columns of which some are zero',
      random(60, 150, (x, _, j) => (j % 3 === 0 ? 0 : x)),
      60,
      150,
      'device',
    ],
    [
      'columns from one end of float32 to the other',
      random(60, 150, (x, _, j) => x * 2 ** (j < 75 ? 0 : 100 - 3 * j)),
      60,
      150,
      'device',
    ],
    [
      'a few rows that outweigh all others',
      random(150, 60, (x, _, j) => (j % 20 === 7 ? 300 * x : x)),
      150,
      60,
      'device',
    ],
    ['σ from 1 to 1e-3', random(100, 150, (x, i) => x * 10 ** (-i / 40)), 100, 150, 'device'],
    ['a square one', random(128, 128, (x) => x), 128, 128, 'device'],
    ['equal entries but for noise', random(60, 150, (x) => 1 + x / 1000), 60, 150, 'ill conditioned'],
    ['σ from 1 to 1e-4', random(100, 150, (x, i) => x * 10 ** (-i / 25)), 100, 150, 'ill conditioned'],
    ['a row of zeros', random(60, 150, (x, i) => (i === 30 ? 0 : x)), 60, 150, 'ill conditioned'],
    [
      'rows from one end of float32 to the other',
      random(60, 150, (x, i) => x * 2 ** (100 - 3.5 * i)),
      60,
      150,
      'ill conditioned',
    ],
  ];

  it.each(strained)('%s', async (_, a, rows, cols, by) => {
    const svd = await hybridSvd(a, rows, cols, parts, never);
    expect(whoDid(svd)).toBe(by);
    holdToContract(a, rows, cols, svd, [...thinSvd(a, rows, cols).s]);
  });

  it('gives up where close singular values were not told apart', async () => {
    const [rows, cols] = [40, 60];
    const a = inputs['noise']!(rows, cols);
    // Two eigenvectors turned into each other by 10⁻³, as an error in G would where λ lie close.
    const turned: HybridParts['solveEigen'] = async (gram, r) => {
      const { values, vectors } = symmetricEigen(gram, r);
      const [x, y] = [vectors.slice(0, r), vectors.slice(r, 2 * r)];
      vectors.set(x.map((value, i) => value + 1e-3 * y[i]!));
      vectors.set(
        y.map((value, i) => value - 1e-3 * x[i]!),
        r,
      );
      return { values, vectors };
    };
    const svd = await hybridSvd(a, rows, cols, { ...parts, solveEigen: turned }, never);
    expect(whoDid(svd)).toBe('ill conditioned');
    expect(svd.s).toEqual(thinSvd(a, rows, cols).s);
  });

  it('notices vectors that are no eigenvectors', async () => {
    const a = inputs['noise']!(40, 60);
    const spoilt: HybridParts['solveEigen'] = async (gram, r) => {
      const { values, vectors } = symmetricEigen(gram, r);
      return { values, vectors: vectors.map((value, at) => (at % r === 3 ? 0 : value)) };
    };
    const svd = await hybridSvd(a, 40, 60, { ...parts, solveEigen: spoilt }, never);
    expect(svd.by).toBe('kernel');
    expect(svd.u).toEqual(thinSvd(a, 40, 60).u);
  });

  it.each([
    // Every product ten times, or a millionth, too large: what a driver might do, and no one would see in a
    // spectrum.
    [10, 'wrong on the device'],
    [1 + 1e-6, 'wrong on the device'],
  ])('notices a device whose products are off by a factor of %d', async (factor, because) => {
    const a = inputs['noise']!(40, 60);
    const svd = await withProducts(
      (c) => tf.mul(c, factor),
      () => hybridSvd(a, 40, 60, parts, never),
    );
    expect(whoDid(svd)).toBe(because);
    expect(svd.u).toEqual(thinSvd(a, 40, 60).u);
  });

  it('notices a device whose products go wrong only once the Gram matrix is there', async () => {
    const a = inputs['noise']!(40, 60);
    const factors = [1, 1, 1 + 1e-5];
    const svd = await withProducts(
      (c) => tf.mul(c, factors.length > 1 ? factors.shift()! : factors[0]!),
      () => hybridSvd(a, 40, 60, parts, never),
    );
    expect(whoDid(svd)).toBe('not exact enough');
    expect(svd.u).toEqual(thinSvd(a, 40, 60).u);
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
  ])('names the place of %s', async (value, text) => {
    const a = inputs['noise']!(20, 30);
    a[3 * 30 + 2] = value;
    await expect(hybridSvd(a, 20, 30, parts, never)).rejects.toMatchObject({
      code: 'bad-file',
      details: { row: 3, column: 2, value: text },
    });
  });

  it('refuses a singular value that float32 cannot hold, and a shape that is none', async () => {
    await expect(
      hybridSvd(
        inputs['noise']!(20, 30).map((x) => x * 2 ** 112),
        20,
        30,
        parts,
        never,
      ),
    ).rejects.toMatchObject({ code: 'bad-file' });
    await expect(hybridSvd(new Float32Array(5), 2, 3, parts, never)).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});

function holdToContract(
  a: Float32Array,
  rows: number,
  cols: number,
  svd: HybridSvd,
  expected: readonly number[],
): void {
  const r = Math.min(rows, cols);
  expect([svd.u.length, svd.s.length, svd.vt.length]).toEqual([rows * r, r, r * cols]);
  const errors = svdErrors(a, rows, cols, svd);
  expect(errors.reconstruction).toBeLessThanOrEqual(1e-7);
  expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
  expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);
  const strongest = expected[0]!;
  svd.s.forEach((got, i) => {
    const want = expected[i]!;
    if (i > 0) expect(got).toBeLessThanOrEqual(svd.s[i - 1]!);
    expect(got).toBeGreaterThanOrEqual(0);
    if (want > 1e-7 * strongest) expect(Math.abs(got - want) / want).toBeLessThanOrEqual(1e-6);
    else expect(got).toBeLessThanOrEqual(1.001e-7 * strongest);
  });
  for (let column = 0; column < r; column++) {
    let extreme = 0;
    for (let i = 0; i < rows; i++) {
      const value = svd.u[i * r + column]!;
      if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    }
    expect(extreme).toBeGreaterThan(0);
  }
}
