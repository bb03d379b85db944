import { describe, expect, it } from 'vitest';
import { orthogonality, projection } from './orthogonality.ts';

/** Gram matrix of two rows of lengths 0.5 and 0.8 with this cosine. */
const pair = (cosine: number): Float64Array => Float64Array.of(0.25, 0.4 * cosine, 0.4 * cosine, 0.64);

/**
 * Singular values of two rows of lengths `weak` and `strong` at this cosine, exactly: roots of λ² − (a + b) λ
 * + a b (1 − c²).
 */
function exact(weak: number, strong: number, cosine: number): [number, number] {
  const [a, b] = [weak ** 2, strong ** 2];
  const large = (a + b + Math.sqrt((a - b) ** 2 + 4 * a * b * cosine ** 2)) / 2;
  return [Math.sqrt((a * b * (1 - cosine ** 2)) / large), Math.sqrt(large)];
}

describe('orthogonality', () => {
  it('finds nothing wrong with orthogonal rows, equal ones included', () => {
    expect(orthogonality(Float64Array.of(0.25, 0, 0, 0.25), Float64Array.of(1, 1))).toEqual({
      worst: 0,
      moved: 0,
      shifted: 0,
    });
  });

  it('measures cosines, whatever the lengths and scales', () => {
    expect(orthogonality(pair(1e-4), Float64Array.of(2 ** 10, 1)).worst).toBeCloseTo(1e-4, 12);
  });

  it('knows what projecting costs the product', () => {
    // The weaker row, of length 0.5 · 2⁻¹⁰, moves by 10⁻⁴ of itself.
    expect(
      orthogonality(pair(1e-4), Float64Array.of(2 ** 10, 1)).moved / ((1e-4 * 0.5 * 2 ** -10) / 0.8),
    ).toBeCloseTo(1, 5);
  });

  it.each([
    [2 ** 10, 1e-3],
    [4, 1e-3],
    [1, 1e-2],
    [1.599, 1e-5],
    [1.6, 1e-5],
  ])(
    'bounds what remains wrong with σ after the projection: weak row scaled by %d, cosine %d',
    (scale, cosine) => {
      const [weak, strong] = [0.5 * (1.6 / scale) * 1, 0.8];
      const [low, high] = exact(weak, strong, cosine);
      const projected = weak * Math.sqrt(1 - cosine ** 2);
      const error = Math.max(Math.abs(projected - low) / low, Math.abs(strong - high) / high);
      const found = orthogonality(pair(cosine), Float64Array.of(scale / 1.6, 1)).shifted;
      expect(found).toBeGreaterThanOrEqual(0.99 * error - 1e-15);
      expect(found).toBeLessThan(3 * error + 1e-12);
    },
  );

  it.each([
    ['a row of another length than was foreseen', Float64Array.of(4, 0, 0, 0.64)],
    ['a row of zeros', Float64Array.of(0, 0, 0, 0.64)],
    ['NaN between rows', Float64Array.of(0.25, NaN, NaN, 0.64)],
    ['NaN as a length', Float64Array.of(NaN, 0, 0, 0.64)],
  ])('believes nothing after %s', (_, e) => {
    expect(orthogonality(e, Float64Array.of(1, 1)).worst).toBe(Infinity);
  });
});

describe('projection', () => {
  it('takes from the weaker rows, which come first, what they have in common with the stronger ones', () => {
    const rows = [
      [0.1, 0.02, 0.7],
      [0.01, 0.8, 0],
      [0.9, 0, 0],
    ];
    const gram = Float64Array.from(
      rows.flatMap((x) => rows.map((y) => x.reduce((sum, value, i) => sum + value * y[i]!, 0))),
    );
    const c = projection(gram, 3);
    expect([...c.subarray(3)].filter((value) => value !== 0)).toHaveLength(1);
    const next = rows.map((row, i) =>
      row.map((value, k) => value - rows.reduce((sum, other, j) => sum + c[i * 3 + j]! * other[k]!, 0)),
    );
    // Row 1 met only row 2: orthogonal. Row 0 met both: so up to a product of two cosines.
    expect(Math.abs(next[1]!.reduce((sum, value, k) => sum + value * next[2]![k]!, 0))).toBeLessThan(1e-9);
    expect(Math.abs(next[0]!.reduce((sum, value, k) => sum + value * next[1]![k]!, 0))).toBeLessThan(2e-3);
    expect(next[2]).toEqual(rows[2]);
  });
});
