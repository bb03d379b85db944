/** The registry of spectral measures (`measures/all.ts`), and all of them at once of one matrix. */
import type { SpectralMeasure, Spectrum, SpectrumPreview } from './measure.ts';
import * as all from './measures/all.ts';

export type MeasureId = keyof typeof all;

/** NaN where a preview cannot tell it, or where it means nothing in the basis. */
export type Measures = Readonly<Record<MeasureId, number>>;

export type NamedMeasure = SpectralMeasure & { readonly id: MeasureId };

/** By name, so that every list of them has the same order. */
export const measures: readonly NamedMeasure[] = (Object.keys(all) as MeasureId[])
  .map((id) => ({ ...all[id], id }))
  .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));

function each(of: (measure: NamedMeasure) => number): Measures {
  return Object.fromEntries(measures.map((measure) => [measure.id, of(measure)])) as Record<
    MeasureId,
    number
  >;
}

export function measureSpectrum(spectrum: Spectrum): Measures {
  return each((measure) => measure.of(spectrum));
}

/** Of the strengths of a task vector's pieces in another basis than its SVD, which are no singular values. */
export function measurePieces(pieces: Spectrum): Measures {
  return each((measure) => (measure.inAnyBasis === true ? measure.of(pieces) : NaN));
}

export function measurePreview(preview: SpectrumPreview): Measures {
  return each((measure) => measure.ofPreview?.(preview) ?? NaN);
}
