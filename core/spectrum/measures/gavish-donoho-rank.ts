import { marchenkoPasturMedian } from '../marchenko-pastur.ts';
import type { SpectralMeasure } from '../measure.ts';
import { medianOf, sumOf } from '../sums.ts';

/**
 * The threshold τ* keeps the directions whose loss would cost more than their noise: hard thresholding there has
 * the least mean squared error as m and n grow. It lies above the noise edge, because a direction just above
 * the edge is more noise than signal.
 */
export const gavishDonohoRank: SpectralMeasure = {
  name: 'Gavish-Donoho rank',
  symbol: 'GD r.',
  formula:
    '#{σ > τ*} with τ* = ω(β) median(σ), ω(β) = λ*(β) / √μ_β and λ*(β)² = 2(β + 1) + 8β / (β + 1 + √(β² + 14β + 1)); β and μ_β as for the noise edge',
  source: 'Gavish and Donoho, arXiv 1305.5870, Eq. 11 and §III.E',
  unit: 'directions',
  help: 'The Gavish-Donoho rank says how many directions are worth keeping if the rest is noise of one unknown scale.',
  of({ sigma, rows, columns }) {
    const short = Math.min(rows, columns);
    const beta = short / Math.max(rows, columns);
    const sum = beta + 1;
    const lambda = Math.sqrt(2 * sum + (8 * beta) / (sum + Math.sqrt(beta * beta + 14 * beta + 1)));
    const threshold = (lambda / Math.sqrt(marchenkoPasturMedian(beta))) * medianOf(sigma, short);
    return sumOf(sigma, (value) => (value > threshold ? 1 : 0));
  },
  /** The median is among the weaker singular values, and directions above the threshold may be among them too. */
  ofPreview: null,
};
