/** Rows for people: aligned text for a terminal, tables for docs/performance.md. */
import type { BenchRow } from './row.ts';

const headings = ['what', 'case', 'ours', 'rival', 'its time', 'ratio', '± spread', 'runs'];

function cells(row: BenchRow): string[] {
  return [
    row.name,
    row.case,
    milliseconds(row.oursMs),
    row.rival,
    row.rivalMs === null ? '–' : milliseconds(row.rivalMs),
    row.ratio === null ? '–' : ratio(row.ratio),
    ratio(row.spread),
    String(row.runs),
  ];
}

function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toPrecision(2)} ms`;
}

const ratio = (value: number): string =>
  value >= 10 ? value.toFixed(0) : value >= 0.095 ? value.toFixed(2) : value.toPrecision(1);

export function lineOf(row: BenchRow): string {
  const [name, what, ours, rival, theirs, times, spread, runs] = cells(row);
  return row.ratio === null
    ? `${name}, ${what}: ${ours}; ${rival}`
    : `${name}, ${what}: ${ours} against ${theirs} of ${rival}: ${times} ± ${spread} (${runs} runs)`;
}

export function textTable(rows: readonly BenchRow[]): string {
  const all = [headings, ...rows.map(cells)];
  const widths = headings.map((_, column) => Math.max(...all.map((line) => (line[column] as string).length)));
  return all
    .map(
      (line) =>
        line
          .map((cell, column) => cell.padEnd(widths[column] as number))
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('');
}

/** A part of a document: how and on what it was measured, then a table a group. */
export function markdownReport(about: string, groups: ReadonlyMap<string, readonly BenchRow[]>): string {
  return `${about}\n${[...groups].map(([name, rows]) => `\n### ${name}\n\n${markdownTable(rows)}`).join('')}`;
}

export function markdownTable(rows: readonly BenchRow[]): string {
  const escaped = (line: readonly string[]): string =>
    `| ${line.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return (
    escaped(headings) + escaped(headings.map(() => '---')) + rows.map((row) => escaped(cells(row))).join('')
  );
}
