import type { SpectralMeasure } from '../measure.ts';
import { sumOf } from '../sums.ts';

export const participationRatio: SpectralMeasure = {
  name: 'participation ratio',
  symbol: 'p. r.',
  formula: '(Σσ²)² / Σσ⁴',
  source: 'Bell and Dean, 1970, of the energies σ²',
  unit: 'directions',
  help: 'The participation ratio says how many directions of equal energy would spread as widely.',
  /** Scaled by σ₁, so that σ⁴ neither over- nor underflows. */
  of({ sigma }) {
    const top = sigma[0] ?? 0;
    if (top === 0) return 0;
    return sumOf(sigma, (value) => (value / top) ** 2) ** 2 / sumOf(sigma, (value) => (value / top) ** 4);
  },
  /** Σσ⁴ of the weaker singular values is not known from their Σσ². */
  ofPreview: null,
};
