import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowsFromOrthonormal, svdErrors, transposed } from '../svd/testing/measure.ts';
import type { ThinSvd } from '../svd/contract.ts';
import { thinSvdOfProduct } from '../svd/product.ts';
import { thinSvd } from '../svd/svd.ts';
import { neuronDirections, randomDirections, singularDirections } from './directions.ts';
import { gaussians, haar } from './haar.ts';
import { isOutputSide, rebase, type Shape } from './rebase.ts';

interface Reference {
  readonly made_by: { readonly numpy: string };
  readonly seed: number;
  readonly name: string;
  readonly cases: readonly {
    readonly basis: string;
    readonly rows: number;
    readonly cols: number;
    readonly s: readonly number[];
    readonly merged: readonly number[];
    readonly q?: readonly number[];
  }[];
}

const reference = JSON.parse(
  readFileSync(new URL('../../../zoo/reference/basis/expected.json', import.meta.url), 'utf8'),
) as Reference;

/** As `numbers` of make.py. */
const numbers = (rows: number, cols: number, which: number): Float32Array =>
  Float32Array.from({ length: rows * cols }, (_, at) => {
    const [i, j] = [Math.floor(at / cols), at % cols];
    return ((((i * 73 + j * 41 + which * 17 + 5 * i * j + i * i * j) * 7919) % 1009) - 504) / 512;
  });

function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function directionsOf(basis: string, factors: ThinSvd, shape: Shape, seed: number, name: string) {
  if (basis === 'neurons') return neuronDirections(shape);
  if (basis === 'random') return atOnce(randomDirections(factors, shape, seed, name));
  const which = basis === 'svd-base' ? 2 : 3;
  const { rows, cols } = shape;
  return singularDirections(thinSvd(numbers(rows, cols, which), rows, cols), shape);
}

/** Σ g_i s_i u_i v_iᵀ with g_i = 1 / (i + 1). */
function merged({ u, s, vt }: ThinSvd, { rows, cols, rank }: Shape): number[] {
  return Array.from({ length: rows * cols }, (_, at) => {
    const [row, column] = [Math.floor(at / cols), at % cols];
    let sum = 0;
    for (let i = 0; i < rank; i++) sum += (u[row * rank + i]! * s[i]! * vt[i * cols + column]!) / (i + 1);
    return sum;
  });
}

const near = (found: ArrayLike<number>, expected: readonly number[], limit: number): void => {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i]! - value)), 0);
  expect(worst / largest).toBeLessThan(limit);
};

describe(`each basis against numpy ${reference.made_by.numpy}`, () => {
  test.each(reference.cases)('$basis, $rows × $cols', ({ basis, rows, cols, s, merged: expected, q }) => {
    const tau = numbers(rows, cols, 1);
    const shape = { rows, cols, rank: Math.min(rows, cols) };
    const factors = thinSvd(tau, rows, cols);
    const directions = directionsOf(basis, factors, shape, reference.seed, reference.name);
    if (q) near(directions, q, 1e-11);
    const turned = rebase(factors, shape, directions);
    near(turned.s, s, 1e-6);
    near(merged(turned, shape), expected, 1e-6);
  });
});

describe('what every basis keeps', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 12 }),
    cols: fc.integer({ min: 1, max: 12 }),
    which: fc.integer({ min: 1, max: 500 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  });
  function check(tau: Float32Array, shape: Shape, factors: ThinSvd, turned: ThinSvd): void {
    const { rows, cols, rank } = shape;
    const energy = (s: Float32Array) => s.reduce((sum, each) => sum + each * each, 0);
    const padded = svdErrors(
      tau,
      rows,
      cols,
      rank === Math.min(rows, cols) ? turned : widened(turned, shape),
    );
    expect(padded.reconstruction).toBeLessThan(1e-6);
    expect(Math.abs(energy(turned.s) - energy(factors.s))).toBeLessThanOrEqual(1e-6 * energy(factors.s));
    const ofU = transposed(turned.u, rows, rank);
    const [near, short] = isOutputSide(shape) ? [ofU, rows] : [turned.vt, cols];
    expect(rowsFromOrthonormal(near, rank, short)).toBeLessThan(1e-6);
    // The other side's vectors have length 1, those of pieces without strength included.
    const [far, long] = isOutputSide(shape) ? [turned.vt, cols] : [ofU, rows];
    for (let i = 0; i < rank; i++)
      expect(rowsFromOrthonormal(far.slice(i * long, (i + 1) * long), 1, long)).toBeLessThan(1e-6);
    expect([...turned.s]).toEqual([...turned.s].sort((a, b) => b - a));
  }
  /** With pieces of no strength, as many as the measure of errors expects. */
  function widened({ u, s, vt }: ThinSvd, { rows, cols, rank }: Shape): ThinSvd {
    const r = Math.min(rows, cols);
    const wide = { u: new Float32Array(rows * r), s: new Float32Array(r), vt: new Float32Array(r * cols) };
    for (let row = 0; row < rows; row++) wide.u.set(u.subarray(row * rank, (row + 1) * rank), row * r);
    wide.s.set(s);
    wide.vt.set(vt);
    return wide;
  }

  test('full rank, every basis', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.constantFrom('neurons', 'random', 'svd-base'),
        ({ rows, cols, which, seed }, basis) => {
          const tau = numbers(rows, cols, which + 3);
          const shape = { rows, cols, rank: Math.min(rows, cols) };
          const factors = thinSvd(tau, rows, cols);
          check(tau, shape, factors, rebase(factors, shape, directionsOf(basis, factors, shape, seed, 'q')));
        },
      ),
      { numRuns: 80 },
    );
  });

  test('an adapter’s low rank in random directions within its span', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 4 }), ({ rows, cols, which, seed }, inner) => {
        const rank = Math.min(rows, cols, inner);
        const [b, a] = [numbers(rows, rank, which), numbers(rank, cols, which + 7)];
        const factors = thinSvdOfProduct(b, a, rows, rank, cols, 1);
        const tau = Float32Array.from({ length: rows * cols }, (_, at) => {
          let sum = 0;
          for (let k = 0; k < rank; k++)
            sum += b[Math.floor(at / cols) * rank + k]! * a[k * cols + (at % cols)]!;
          return sum;
        });
        const shape = { rows, cols, rank };
        check(tau, shape, factors, rebase(factors, shape, directionsOf('random', factors, shape, seed, 'q')));
      }),
      { numRuns: 50 },
    );
  });

  test('a matrix of many blocks, and one of zeros', () => {
    const [rows, cols] = [150, 170];
    const shape = { rows, cols, rank: rows };
    const tau = numbers(rows, cols, 5);
    const factors = thinSvd(tau, rows, cols);
    check(tau, shape, factors, rebase(factors, shape, directionsOf('random', factors, shape, 1, 'q')));
    const nothing = new Float32Array(6 * 4);
    const none = thinSvd(nothing, 6, 4);
    const turned = rebase(
      none,
      { rows: 6, cols: 4, rank: 4 },
      neuronDirections({ rows: 6, cols: 4, rank: 4 }),
    );
    check(nothing, { rows: 6, cols: 4, rank: 4 }, none, turned);
    expect([...turned.s]).toEqual([0, 0, 0, 0]);
  });
});

describe('random directions', () => {
  test('the same for the same seed and name, and others for others', () => {
    const draw = (seed: number, name: string) => [...atOnce(haar(5, seed, name))];
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  });

  test('do not depend on a matrix of full rank, so a kernel that turns its factors changes none of them', () => {
    const shape = { rows: 5, cols: 7, rank: 5 };
    const of = (which: number) => directionsOf('random', thinSvd(numbers(5, 7, which), 5, 7), shape, 4, 'a');
    expect(of(1)).toEqual(of(2));
  });

  test('are uniform: entries have mean 0 and variance 1/n, half of the bases are mirrored, angles are even', () => {
    const draws = Array.from({ length: 4000 }, (_, seed) => atOnce(haar(3, seed, 'x')));
    for (let at = 0; at < 9; at++) {
      const mean = draws.reduce((sum, q) => sum + q[at]!, 0) / draws.length;
      const square = draws.reduce((sum, q) => sum + q[at]! ** 2, 0) / draws.length;
      // Four standard deviations: 4 √(1/3) / √4000, and 4 √(1/5 − 1/9) / √4000.
      expect(Math.abs(mean)).toBeLessThan(0.037);
      expect(Math.abs(square - 1 / 3)).toBeLessThan(0.019);
    }
    const planes = Array.from({ length: 4000 }, (_, seed) => atOnce(haar(2, seed, 'y')));
    const mirrored = planes.filter((q) => q[0]! * q[3]! - q[1]! * q[2]! < 0).length / planes.length;
    expect(Math.abs(mirrored - 0.5)).toBeLessThan(0.032);
    for (let eighth = 0; eighth < 8; eighth++) {
      const share = planes.filter((q) => {
        const turn = Math.atan2(q[1]!, q[0]!) / (2 * Math.PI) + 0.5;
        return Math.min(7, Math.floor(turn * 8)) === eighth;
      }).length;
      expect(Math.abs(share / planes.length - 1 / 8)).toBeLessThan(0.021);
    }
  });

  test('are of Gaussians: moments of 100,000 draws', () => {
    const next = gaussians(7, 'z');
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < 1e5; i++) {
      const x = next();
      for (let k = 0; k < 4; k++) moments[k]! += x ** (k + 1) / 1e5;
    }
    expect(Math.abs(moments[0]!)).toBeLessThan(0.013);
    expect(Math.abs(moments[1]! - 1)).toBeLessThan(0.018);
    expect(Math.abs(moments[2]!)).toBeLessThan(0.05);
    expect(Math.abs(moments[3]! - 3)).toBeLessThan(0.13);
  });
});
