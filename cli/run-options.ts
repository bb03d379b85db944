/** The options of a run on the command line: `--set name=value`, and what help says about each. */
import { optionProblem } from '../core/objective/check-options.ts';
import { explainOption, rangeText } from '../core/objective/describe-options.ts';
import type { OptionRow, OptionValue } from '../core/objective/option-row.ts';
import { makeOptions, optionRows, type DistillOptions, type OptionKey } from '../core/objective/options.ts';
import { readNumber, readSettingTexts } from './options.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

const flags = optionRows.map(([, { flag }]) => flag);

export const setOption: OptionSpec = { value: 'NAME=VALUE', many: true, about: flags.join(', ') };

/** What a command takes of the options; the others would change nothing but what is recorded of the run. */
export interface Taken {
  readonly keys: readonly OptionKey[];
  /** Why not the others: a clause. */
  readonly because: string;
}

/**
 * What `--set` says, to be put in place of the options that a trio or a recipe brings. Read before anything is
 * opened: throws `UsageError` for what an option does not accept, and for one that the command does not take.
 */
export function readRunSettings(given: Given, taken?: Taken): (options: DistillOptions) => DistillOptions {
  const texts = readSettingTexts(given.many('set'), flags);
  const vain = taken && optionRows.find(([key, { flag }]) => texts.has(flag) && !taken.keys.includes(key));
  if (vain) {
    const [, { flag }] = vain;
    throw new UsageError(
      `--set ${flag}=${texts.get(flag) ?? ''} would change nothing: ${taken.because}. Leave it out; frism distill takes it.`,
    );
  }
  const said = new Map<OptionKey, OptionValue>();
  for (const [key, row] of optionRows) {
    const text = texts.get(row.flag);
    if (text === undefined) continue;
    const value = readValue(row, text);
    const problem = optionProblem(key, value);
    if (problem !== null) throw new UsageError(`--set ${row.flag}=${text}: ${row.flag} ${problem}.`);
    said.set(key, value);
  }
  return (options) => makeOptions((key) => said.get(key) ?? (said.has(key) ? null : options[key]));
}

function readValue(row: OptionRow, text: string): OptionValue {
  if (row.kind === 'choice') return text;
  const number = readNumber(row.flag, text);
  return row.zeroMeans !== undefined && number === 0 ? null : number;
}

/** For help: one entry for each option. */
export const settingsHelp = `Settings of a run, with their values where neither a manifest nor a recipe says others:\n${optionRows
  .map(
    ([, row]) => `  --set ${row.flag}=${row.initial ?? 0}  (${rangeText(row)})\n      ${explainOption(row)}`,
  )
  .join('\n')}\n`;
