/**
 * The tables in the documentation that the code itself knows: each name here is a place
 * `<!-- table: name -->` … `<!-- /table -->` in a Markdown file, and its function writes what stands there.
 */
import { methods } from '../../core/merging/methods.ts';
import { explainOption, rangeText, valueText } from '../../core/objective/describe-options.ts';
import { optionRow, optionRows } from '../../core/objective/options.ts';
import { termRows } from '../../core/objective/terms.ts';
import { measures } from '../../core/spectrum/measures.ts';
import { familyTable, whatWorks } from './family-tables.ts';
import { markdownTable } from './markdown-table.ts';
import { whatIsRead } from './what-is-read.ts';

export const tables: Readonly<Record<string, () => string>> = {
  families: familyTable,
  'what-works': whatWorks,
  'merge-methods': mergeMethods,
  'objective-terms': objectiveTerms,
  'run-options': runOptions,
  'spectral-measures': spectralMeasures,
  'what-is-read': whatIsRead,
};

function mergeMethods(): string {
  const code = (text: string): string => `\`${text}\``;
  return markdownTable(
    ['method', 'what it makes', 'settings (when not given)', 'source', 'as'],
    methods.map(({ id, formula, source, settings, gates, stream }) => [
      code(id),
      formula,
      Object.entries(settings)
        .map(([key, { initial }]) => `${code(key)} (${initial})`)
        .join(', '),
      source,
      [gates ? 'gates' : '', stream ? 'stream' : ''].filter(Boolean).join(', '),
    ]),
  );
}

const origins = { paper: 'the paper', training: 'any training', extension: 'this project' } as const;

function runOptions(): string {
  return markdownTable(
    ['`--set`', 'symbol', 'default', 'accepted', 'offered on the page', 'from', 'what it does'],
    optionRows.map(([, row]) => [
      `\`${row.flag}\``,
      row.symbol,
      valueText(row, row.initial),
      rangeText(row),
      row.kind === 'choice' ? rangeText(row) : row.comfortable.join(' to '),
      origins[row.origin],
      explainOption(row),
    ]),
  );
}

function spectralMeasures(): string {
  return markdownTable(
    ['measure', 'definition', 'unit', 'id', 'source'],
    measures.map(({ id, name, formula, unit, source }) => [name, formula, unit, `\`${id}\``, source]),
  );
}

function objectiveTerms(): string {
  return markdownTable(
    ['term', 'definition', 'weight', 'unit', 'id', 'source'],
    termRows.map(([id, { symbol, formula, weight, unit, source }]) => [
      symbol,
      formula,
      weight === null ? '1' : optionRow(weight).symbol,
      unit ?? '–',
      `\`${id}\``,
      source,
    ]),
  );
}
