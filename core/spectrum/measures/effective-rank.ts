import type { SpectralMeasure } from '../measure.ts';
import { sumOf } from '../sums.ts';

export const effectiveRank: SpectralMeasure = {
  name: 'effective rank',
  symbol: 'eff. r.',
  formula: 'exp(−Σ p ln p) with p = σ / Σσ',
  source: 'Roy and Vetterli, “The effective rank”, 2007, Definition 1',
  unit: 'directions',
  help: 'The effective rank says over how many directions the singular values are spread, by their entropy.',
  of({ sigma }) {
    const total = sumOf(sigma, (value) => value);
    if (total === 0) return 0;
    return Math.exp(-sumOf(sigma, (value) => (value === 0 ? 0 : (value / total) * Math.log(value / total))));
  },
  ofPreview: null,
};
