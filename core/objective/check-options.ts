/** Whether a value is one that an option accepts, and the sentence for where it is not. */
import { StudioError } from '../errors.ts';
import type { OptionRow } from './option-row.ts';
import { optionRow, optionRows, type DistillOptions, type OptionKey } from './options.ts';

/** As in "a whole number from 1 to 4096"; fits behind "must be". */
export function wantedOf(row: OptionRow): string {
  if (row.kind === 'choice') return `one of ${Object.keys(row.choices).join(', ')}`;
  const [low, high] = row.range;
  return `a ${row.whole ? 'whole ' : ''}number from ${low} to ${high}`;
}

/** Null where the option accepts `value`, else what is wrong with it, as in "must be …, not 7". */
export function optionProblem(key: OptionKey, value: unknown): string | null {
  const row = optionRow(key);
  return isAccepted(row, value) ? null : `must be ${wantedOf(row)}, not ${String(value)}`;
}

function isAccepted(row: OptionRow, value: unknown): boolean {
  if (row.kind === 'choice') return typeof value === 'string' && Object.hasOwn(row.choices, value);
  if (value === null) return row.zeroMeans !== undefined;
  const [low, high] = row.range;
  return (
    typeof value === 'number' && value >= low && value <= high && (!row.whole || Number.isInteger(value))
  );
}

/** Throws `bad-request` for the first option whose value is not accepted. */
export function checkOptions(options: DistillOptions): void {
  for (const [key] of optionRows) checkOption(key, options[key]);
}

export function checkOption(key: OptionKey, value: unknown): void {
  const problem = optionProblem(key, value);
  if (problem !== null)
    throw new StudioError('bad-request', `${key} ${problem}.`, {
      details: { option: key, value: String(value) },
    });
}
