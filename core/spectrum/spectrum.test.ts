/** Each measure held against numpy (zoo/reference/spectrum/make.py), and the noise edge against what it claims. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { marchenkoPasturMedian } from './marchenko-pastur.ts';
import { measurePreview, measures, measureSpectrum } from './measures.ts';

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

  it('has no meaning outside (0, 1]', () => {
    for (const beta of [0, -1, 1.5, NaN]) expect(() => marchenkoPasturMedian(beta)).toThrow(/aspect ratio/);
  });
});

describe.each(measures)('$name', ({ id, of, ofPreview, unit, symbol }) => {
  it('agrees with numpy', () => {
    for (const { rows, columns, sigma, expected } of reference.cases)
      expectClose(of({ sigma, rows, columns }), expected[id], 1e-9);
    expect(reference.cases.length).toBeGreaterThan(5);
  });

  it('is told from float32, as the engine has it', () => {
    const one = reference.cases[1];
    if (!one) throw new Error('no case');
    const { sigma, rows, columns, expected } = one;
    expectClose(of({ sigma: Float32Array.from(sigma), rows, columns }), expected[id], 1e-6);
  });

  it('of a zero matrix is zero', () => {
    const sigma = new Float32Array(4);
    expect(of({ sigma, rows: 4, columns: 9 })).toBe(0);
    if (ofPreview) expect(ofPreview({ sigma, rows: 5, columns: 9, frobenius: 0 })).toBe(0);
  });

  it('does not depend on whether zeros at the end are left out', () => {
    const whole = { sigma: [3, 2, 1, 0, 0], rows: 5, columns: 9 };
    expectClose(of({ ...whole, sigma: [3, 2, 1] }), of(whole), 1e-12);
  });

  it('scales as its unit says', () => {
    for (const { rows, columns, sigma, expected } of reference.cases) {
      for (const scale of [1e-12, 1e12]) {
        const scaled = of({ sigma: sigma.map((value) => scale * value), rows, columns });
        expectClose(scaled, (unit === 'σ' ? scale : 1) * (expected[id] ?? NaN), 1e-9);
        if (unit === 'directions') expect(scaled).toBeLessThanOrEqual(Math.min(rows, columns) * (1 + 1e-12));
      }
    }
  });

  it('has a head that fits a column', () => {
    expect(symbol.length).toBeLessThanOrEqual(7);
  });
});

describe('all measures at once', () => {
  it('are those of the files, in the order of their names', () => {
    const names = measures.map(({ name }) => name.toLowerCase());
    expect(names).toEqual([...names].sort());
    expect(Object.keys(measureSpectrum({ sigma: [1], rows: 1, columns: 1 }))).toEqual(
      measures.map(({ id }) => id),
    );
  });

  it('from a preview are NaN where the weaker values are needed', () => {
    const { sigma, rows, columns } = reference.cases[1] ?? { sigma: [], rows: 0, columns: 0 };
    const exact = measureSpectrum({ sigma, rows, columns });
    const preview = measurePreview({
      sigma: sigma.slice(0, 12),
      rows,
      columns,
      frobenius: exact.frobenius,
    });
    for (const { id, ofPreview } of measures) {
      if (ofPreview) expectClose(preview[id], exact[id], 0.1);
      else expect(preview[id]).toBeNaN();
    }
  });

  it('count equal directions, whatever their scale', () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const sigma = new Float64Array(6).fill(scale);
      const { stableRank, effectiveRank } = measureSpectrum({ sigma, rows: 6, columns: 6 });
      expectClose(stableRank, 6, 1e-12);
      expectClose(effectiveRank, 6, 1e-12);
    }
  });
});

describe('the participation ratio', () => {
  it('counts equal directions, whatever their scale, and discounts weak ones', () => {
    const ratio = (sigma: number[]) => measureSpectrum({ sigma, rows: 6, columns: 6 }).participationRatio;
    for (const scale of [1e-120, 1, 1e120]) expectClose(ratio(new Array<number>(6).fill(scale)), 6, 1e-12);
    expectClose(ratio([2, 1]), 25 / 17, 1e-12);
  });
});

describe('the Gavish-Donoho rank', () => {
  it('has the threshold that its authors print for square matrices, 2.858 times the median', () => {
    const rank = (top: number) =>
      measureSpectrum({ sigma: [top, 1, 1], rows: 3, columns: 3 }).gavishDonohoRank;
    expect([rank(2.8575), rank(2.8585)]).toEqual([0, 1]);
  });

  it('is at most the number of singular values above the noise edge', () => {
    for (const { rows, columns, sigma } of reference.cases) {
      const { gavishDonohoRank, noiseEdge } = measureSpectrum({ sigma, rows, columns });
      expect(gavishDonohoRank).toBeLessThanOrEqual(sigma.filter((value) => value > noiseEdge).length);
    }
  });
});

describe('the noise edge', () => {
  it('leaves the strong directions above it and the noise below, give or take one', () => {
    let checked = 0;
    for (const { rows, columns, strong, sigma } of reference.cases) {
      // A law of large matrices whose median is noise: not for one row, nor where strong directions are half
      // of all.
      if (Math.min(rows, columns) < 20 || strong > Math.min(rows, columns) / 4) continue;
      const { noiseEdge } = measureSpectrum({ sigma, rows, columns });
      const above = sigma.filter((value) => value > noiseEdge).length;
      expect(Math.abs(above - strong)).toBeLessThanOrEqual(1);
      checked += 1;
    }
    expect(checked).toBe(4);
  });
});
