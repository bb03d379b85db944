import type { SpectralMeasure } from '../measure.ts';
import { sumOf } from '../sums.ts';

export const stableRank: SpectralMeasure = {
  name: 'stable rank',
  symbol: 'st. r.',
  formula: '‖W‖²_F / σ₁²',
  source: 'Rudelson and Vershynin, “Sampling from large matrices”, 2007, §1',
  unit: 'directions',
  help: 'The stable rank says how many directions as strong as the strongest one would carry the whole change.',
  of({ sigma }) {
    const top = sigma[0] ?? 0;
    return top === 0 ? 0 : sumOf(sigma, (value) => (value / top) ** 2);
  },
  ofPreview({ sigma, frobenius }) {
    const top = sigma[0] ?? 0;
    return top === 0 ? 0 : (frobenius / top) ** 2;
  },
};
