/** Spectral measures as the page writes them. */
import { measures, type Measures } from '../../core/spectrum/measures.ts';
import { formatValue } from './scale.ts';

/** At most four characters for a count of directions: `4.3`, `98`. A dash where it cannot be told. */
export function columnText(value: number): string {
  return formatValue(value < 10 ? Number(value.toPrecision(2)) : Math.round(value));
}

/** A text for each measure that can be told: `effective rank 98.2 of 128`, `norm 0.512`. */
export function measureTexts(told: Measures, rank: number): readonly string[] {
  return measures
    .filter(({ id }) => Number.isFinite(told[id]))
    .map(({ id, name, unit }) => {
      const value = `${name} ${formatValue(told[id])}`;
      return unit === 'directions' ? `${value} of ${rank}` : value;
    });
}
