/** Every parser of what others wrote. A new one is a row in one of these files. */
import type { ParserRow } from './parser.ts';
import { commandLineRows } from './parsers/command-line.ts';
import { folderRows } from './parsers/folders.ts';
import { hubRows } from './parsers/hub-and-caches.ts';
import { jsonTextRows } from './parsers/json-text.ts';
import { keptWorkRows } from './parsers/kept-work.ts';
import { pictureRows } from './parsers/pictures.ts';
import { projectRows } from './parsers/project-files.ts';
import { weightRows } from './parsers/weights.ts';

export const parsers: readonly ParserRow[] = [
  ...jsonTextRows,
  ...weightRows,
  ...folderRows,
  ...pictureRows,
  ...projectRows,
  ...keptWorkRows,
  ...hubRows,
  ...commandLineRows,
];

/** How many executions each parser gets of so many in all: by its share, at least one. */
export function planExecutions(rows: readonly ParserRow[], inAll: number): ReadonlyMap<string, number> {
  const shares = rows.map(({ share = 1 }) => share);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  let left = inAll;
  let leftShare = whole;
  return new Map(
    rows.map(({ name }, i) => {
      const share = shares[i] ?? 1;
      const count = Math.max(1, Math.round((left * share) / leftShare));
      left -= count;
      leftShare -= share;
      return [name, count];
    }),
  );
}
