/** Which measures have a column in the layer list. Pure. */
import { measures, type MeasureId } from '../../../core/spectrum/measures.ts';

export const columnsAtFirst: readonly MeasureId[] = ['stableRank', 'effectiveRank'];

/** In a list that is `widthPixels` wide, beside names, spectra and gates. */
export function columnsThatFit(widthPixels: number): number {
  return widthPixels < 250 ? 1 : 3;
}

/** Of the columns that a person chose, the latest choice first: those that fit, in the order of all measures. */
export function columnsInView(chosen: readonly MeasureId[], fit: number): readonly MeasureId[] {
  const kept = chosen.slice(0, fit);
  return measures.map(({ id }) => id).filter((id) => kept.includes(id));
}

/** A column that is in view goes; any other comes first, so that it is in view. */
export function toggleColumn(chosen: readonly MeasureId[], id: MeasureId, fit: number): readonly MeasureId[] {
  const others = chosen.filter((each) => each !== id);
  return chosen.slice(0, fit).includes(id) ? others : [id, ...others];
}
