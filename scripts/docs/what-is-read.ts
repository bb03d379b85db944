/** For each file of a model folder and each of its keys: used, harmless, named or refused. */
import { readFiles } from '../../core/reading/files.ts';
import type { KeyRule } from '../../core/reading/rules.ts';
import { markdownTable } from './markdown-table.ts';

export function whatIsRead(): string {
  return readFiles
    .map(({ file, about, keys, others }) =>
      [
        `## \`${file}\``,
        about,
        markdownTable(
          ['key', 'treatment', 'why'],
          [...Object.entries(keys).map(([key, rule]) => row(`\`${key}\``, rule)), row('any other', others)],
        ),
      ].join('\n\n'),
    )
    .join('\n\n');
}

const row = (key: string, { treatment, why, idle = [] }: KeyRule): string[] => [
  key,
  treatment,
  idle.length === 0
    ? why
    : `${why} (nothing is said of ${idle.map((value) => `\`${JSON.stringify(value)}\``).join(', ')})`,
];
