/** Measures of a spectrum of which only the strongest singular values are known, and those approximately. */
import type { Measures } from './measures.ts';

/**
 * The norm is exact and the stable rank as good as σ₁. The noise edge takes what is left beside the known
 * values for noise of one variance in a matrix with as many rows and columns less. What depends on the whole
 * spectrum is NaN.
 *
 * @param strongest falling, at least one, fewer than min(rows, columns)
 * @param frobenius ‖W‖_F
 */
export function measurePreview(
  strongest: ArrayLike<number>,
  frobenius: number,
  rows: number,
  columns: number,
): Measures {
  const top = strongest[0] ?? 0;
  const known = strongest.length;
  let left = frobenius ** 2;
  for (let i = 0; i < known; i += 1) left -= (strongest[i] as number) ** 2;
  const deviation = Math.sqrt(Math.max(0, left) / ((rows - known) * (columns - known)));
  return {
    frobenius,
    stableRank: top === 0 ? 0 : (frobenius / top) ** 2,
    effectiveRank: NaN,
    participationRatio: NaN,
    noiseEdge: deviation * (Math.sqrt(rows) + Math.sqrt(columns)),
  };
}
