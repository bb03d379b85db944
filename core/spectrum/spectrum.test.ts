/** Held against numpy (zoo/reference/spectrum/make.py), and the noise edge against what it claims. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SpectralMeasures } from '../../protocol/session.ts';
import { marchenkoPasturMedian, noiseEdge, optimalThreshold } from './marchenko-pastur.ts';
import { effectiveRank, energyKept, measureSpectrum, rankForEnergy } from './measures.ts';

interface Reference {
  readonly medians: Record<string, number>;
  readonly cases: readonly {
    rows: number;
    columns: number;
    strong: number;
    sigma: number[];
    expected: Record<string, number>;
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../zoo/reference/spectrum/spectra.json', import.meta.url), 'utf8'),
) as Reference;
const expectClose = (actual: number, expected: number | undefined, relative: number): void => {
  if (expected === undefined || !(Math.abs(actual - expected) <= relative * Math.abs(expected)))
    throw new Error(`${actual} is not within ${relative} of ${expected}`);
  expect(Number.isFinite(actual)).toBe(true);
};

describe('the median of the Marchenko-Pastur law', () => {
  it.each(Object.entries(reference.medians))(
    'at β = %s agrees with numerical integration',
    (beta, median) => {
      expect(Math.abs(marchenkoPasturMedian(Number(beta)) - median)).toBeLessThan(1e-9);
    },
  );

  it('gives the constant that Gavish and Donoho print for square matrices, 2.858', () => {
    expect(optimalThreshold([1, 1, 1], 3, 3)).toBeCloseTo(2.858, 3);
  });

  it('has no meaning outside (0, 1]', () => {
    for (const beta of [0, -1, 1.5, NaN]) expect(() => marchenkoPasturMedian(beta)).toThrow(/aspect ratio/);
  });
});

describe('measures', () => {
  it.each(reference.cases.map((one) => [`${one.rows} × ${one.columns}`, one] as const))(
    'of %s agree with numpy',
    (_, { rows, columns, sigma, expected }) => {
      const found = {
        ...measureSpectrum(sigma, rows, columns),
        optimalThreshold: optimalThreshold(sigma, rows, columns),
        energyKept8: energyKept(sigma, 8),
      };
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, value] of Object.entries(found)) expectClose(value, expected[name], 1e-9);
    },
  );

  it('take float32 as it comes from the engine', () => {
    const one = reference.cases[1];
    if (!one) throw new Error('no case');
    expectClose(
      measureSpectrum(Float32Array.from(one.sigma), one.rows, one.columns).effectiveRank,
      one.expected['effectiveRank'],
      1e-6,
    );
  });

  it('of a zero matrix and of an empty one are zero', () => {
    const zero: SpectralMeasures = {
      frobenius: 0,
      stableRank: 0,
      effectiveRank: 0,
      participationRatio: 0,
      noiseEdge: 0,
    };
    expect(measureSpectrum(new Float32Array(4), 4, 9)).toEqual(zero);
    expect(energyKept(new Float32Array(4), 2)).toBe(0);
    expect(rankForEnergy(new Float32Array(4), 0.9)).toBe(0);
  });

  it('count equal directions, whatever their scale', () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const { stableRank, participationRatio } = measureSpectrum(new Float64Array(6).fill(scale), 6, 6);
      expectClose(stableRank, 6, 1e-12);
      expectClose(participationRatio, 6, 1e-12);
      expectClose(effectiveRank(new Float64Array(6).fill(scale)), 6, 1e-12);
    }
    expect([0.2, 0.5, 0.51, 1].map((share) => rankForEnergy([1, 1, 1, 1], share))).toEqual([1, 2, 3, 4]);
  });
});

describe('the noise edge', () => {
  it('leaves the strong directions above it and the noise below, give or take one', () => {
    let checked = 0;
    for (const { rows, columns, strong, sigma } of reference.cases) {
      // A law of large matrices whose median is noise: not for one row, nor where strong directions are half
      // of all.
      if (Math.min(rows, columns) < 20 || strong > Math.min(rows, columns) / 4) continue;
      const above = sigma.filter((value) => value > noiseEdge(sigma, rows, columns)).length;
      expect(Math.abs(above - strong)).toBeLessThanOrEqual(1);
      checked += 1;
    }
    expect(checked).toBe(4);
  });
});
