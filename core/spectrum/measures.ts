/** The registry of spectral measures (`measures/all.ts`), and all of them at once of one matrix. */
import type { SpectralMeasure, Spectrum, SpectrumPreview } from './measure.ts';
import * as all from './measures/all.ts';

export type MeasureId = keyof typeof all;

/** NaN where a preview cannot tell it. */
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

export function measurePreview(preview: SpectrumPreview): Measures {
  return each((measure) => measure.ofPreview?.(preview) ?? NaN);
}
