import { marchenkoPasturMedian } from '../marchenko-pastur.ts';
import type { SpectralMeasure } from '../measure.ts';
import { energy, medianOf } from '../sums.ts';

/**
 * The singular values of an m × n matrix of independent noise of deviation s lie below s(√m + √n) as m and n
 * grow. s is read off the median of the spectrum, which a few strong directions hardly move.
 */
export const noiseEdge: SpectralMeasure = {
  name: 'noise edge',
  symbol: 'edge',
  formula:
    'ŝ(√m + √n) with ŝ = median(σ) / √(max(m, n) μ_β), μ_β the median of the Marchenko-Pastur law at β = min(m, n) / max(m, n)',
  source: 'Marchenko and Pastur, 1967; ŝ as in Gavish and Donoho, arXiv 1305.5870, §III.E',
  unit: 'σ',
  help: 'Singular values above the noise edge are larger than those of a random matrix of the same scale.',
  of({ sigma, rows, columns }) {
    const long = Math.max(rows, columns);
    const short = Math.min(rows, columns);
    const deviation = medianOf(sigma, short) / Math.sqrt(long * marchenkoPasturMedian(short / long));
    return deviation * (Math.sqrt(rows) + Math.sqrt(columns));
  },
  /** What is left beside the known values is taken for noise of one variance in a matrix with as many rows and columns less. */
  ofPreview({ sigma, rows, columns, frobenius }) {
    const left = Math.max(0, frobenius ** 2 - energy(sigma));
    const deviation = Math.sqrt(left / ((rows - sigma.length) * (columns - sigma.length)));
    return deviation * (Math.sqrt(rows) + Math.sqrt(columns));
  },
};
