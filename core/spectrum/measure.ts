/**
 * What a spectral measure is: one number of a matrix's singular values and shape, with the words that explain
 * it. Each is a file of `measures/`; the page, the command line and the documentation show what stands there.
 */

/** The singular values of a matrix. */
export interface Spectrum {
  /** Falling, none negative. Of min(rows, columns) those at the end may be left out that are 0. */
  readonly sigma: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** What a quick look tells of a matrix: a few of its singular values, approximately, and its norm. */
export interface SpectrumPreview extends Spectrum {
  /** The strongest alone, falling: at least one, fewer than min(rows, columns). */
  readonly sigma: ArrayLike<number>;
  /** ‖W‖_F, exact. */
  readonly frobenius: number;
}

export interface SpectralMeasure {
  /** In the middle of a sentence: `stable rank`. */
  readonly name: string;
  /** For a column's head, seven characters at most. */
  readonly symbol: string;
  /** With σ for the singular values, m × n for the shape and r for how many singular values there are. */
  readonly formula: string;
  /** Where the definition comes from: paper and equation, or `definition`. */
  readonly source: string;
  /** `directions`: a count of singular directions, at most r. `σ`: comparable with the singular values. */
  readonly unit: 'directions' | 'σ';
  /** One sentence for a person who sees the number. */
  readonly help: string;
  /** Finite; 0 for a matrix of zeros. Sums in float64. Throws `bad-request` for a shape of no rows or columns. */
  of(spectrum: Spectrum): number;
  /** The same from a preview; null where the weaker singular values are needed to tell it. */
  readonly ofPreview: ((preview: SpectrumPreview) => number) | null;
  /** Whether it means the same of the strengths of pieces in any basis, whose squares add up alike. */
  readonly inAnyBasis?: true;
}
