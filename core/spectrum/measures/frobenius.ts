import type { SpectralMeasure } from '../measure.ts';
import { energy } from '../sums.ts';

export const frobenius: SpectralMeasure = {
  name: 'norm',
  symbol: 'norm',
  formula: '‖W‖_F = √Σσ²',
  source: 'definition (the Frobenius norm)',
  unit: 'σ',
  help: 'The norm says how large the change of this matrix is in all.',
  of: ({ sigma }) => Math.sqrt(energy(sigma)),
  ofPreview: ({ frobenius }) => frobenius,
  inAnyBasis: true,
};
