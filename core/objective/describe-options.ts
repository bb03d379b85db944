/** What is said of options in words: of a row in help and on the page, of values in summaries and model cards. */
import type { OptionRow, OptionValue } from './option-row.ts';
import { optionRows, type DistillOptions, type OptionKey } from './options.ts';

/** As in "1 to 4096, or 0". */
export function rangeText(row: OptionRow): string {
  if (row.kind === 'choice') return Object.keys(row.choices).join(', ');
  const [low, high] = row.range;
  return `${low} to ${high}${row.zeroMeans === undefined ? '' : ', or 0'}`;
}

/** Whole sentences: what the option does, what 0 stands for, and where it is FRISM as published. */
export function explainOption(row: OptionRow): string {
  if (row.kind === 'number' && row.zeroMeans !== undefined)
    return `${row.about} At 0 ${row.zeroMeans}${row.published === null ? ', as published' : ''}.`;
  const published =
    row.published === undefined ? '' : ` ${valueText(row, row.published)} is FRISM as published.`;
  return `${row.about}${published}`;
}

/** A value as a person gives it: null as 0, a choice by its label. */
export function valueText(row: OptionRow, value: OptionValue): string {
  return row.kind === 'choice' ? (row.choices[String(value)]?.label ?? String(value)) : String(value ?? 0);
}

/**
 * One phrase for each option, as in "λ 1.2", in the order of the table. An option whose value is as published
 * has none, where it has such a value.
 *
 * @param format writes a number that is not whole; as it is without
 * @param without options that are said elsewhere
 */
export function describeOptions(
  options: DistillOptions,
  format: (value: number) => string = String,
  without: readonly OptionKey[] = [],
): string[] {
  return optionRows
    .filter(([key, row]) => !without.includes(key) && options[key] !== row.published)
    .map(([key, row]) => phrase(row, options[key], format));
}

function phrase(row: OptionRow, value: OptionValue, format: (value: number) => string): string {
  if (row.kind === 'choice') return row.choices[String(value)]?.phrase ?? `${row.symbol} ${value}`;
  if (typeof value !== 'number') return row.zeroMeans ?? '';
  return (row.phrase ?? `${row.symbol} {}`).replace('{}', row.whole ? String(value) : format(value));
}

/** What a run without the injection and without a second teacher comes to, or null for any other. */
export const nothingPulls = ({ alpha, beta, gamma }: DistillOptions): string | null =>
  alpha === 0 && beta === 0 && gamma === 0
    ? 'α, β and γ are 0: nothing pulls gates open, and the run only brings the merged model back to the VLM.'
    : null;
