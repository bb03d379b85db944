/**
 * The tables in the documentation that the code itself knows: each name here is a place
 * `<!-- table: name -->` … `<!-- /table -->` in a Markdown file, and its function writes what stands there.
 */
import { measures } from '../../core/spectrum/measures.ts';

/** A Markdown table; Prettier aligns its columns afterwards. A pipe in a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const tables: Readonly<Record<string, () => string>> = {
  'spectral-measures': () =>
    markdownTable(
      ['measure', 'definition', 'unit', 'id', 'source'],
      measures.map(({ id, name, formula, unit, source }) => [name, formula, unit, `\`${id}\``, source]),
    ),
};
