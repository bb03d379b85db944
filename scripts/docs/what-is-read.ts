/** For each file of a model folder and each of its keys: used, harmless, named or refused. */
import { readFiles } from '../../core/reading/files.ts';
import { fileRules, otherFiles } from '../../core/reading/folder-rules.ts';
import type { KeyRule, ReadRules } from '../../core/reading/rules.ts';
import { markdownTable } from './markdown-table.ts';

export function whatIsRead(): string {
  return [filesOfAFolder(), ...readFiles.map(keysOf)].join('\n\n');
}

function filesOfAFolder(): string {
  const rows: { readonly names: string[]; readonly outcome: string[] }[] = [];
  for (const { name, read, exported, why } of fileRules) {
    const outcome = [read ? 'used' : 'no', exported, why];
    const last = rows.at(-1);
    if (last?.outcome.join() === outcome.join()) last.names.push(`\`${name}\``);
    else rows.push({ names: [`\`${name}\``], outcome });
  }
  rows.push({ names: ['any other'], outcome: ['no', otherFiles.exported, otherFiles.why] });
  return [
    '## The files of a folder',
    'Where two rows fit a name, the upper one counts. Small and capital letters are the same.',
    markdownTable(
      ['file', 'read', 'in an export', 'why'],
      rows.map(({ names, outcome }) => [names.join(', '), ...outcome]),
    ),
  ].join('\n\n');
}

/** Neighbouring keys that are treated the same, for the same reason, share a row. */
function keysOf({ file, about, keys, others }: ReadRules): string {
  const groups: { readonly names: string[]; readonly outcome: readonly string[] }[] = [];
  for (const [key, rule] of Object.entries(keys)) {
    const outcome = outcomeOf(rule);
    const last = groups.at(-1);
    if (last?.outcome.join() === outcome.join()) last.names.push(`\`${key}\``);
    else groups.push({ names: [`\`${key}\``], outcome });
  }
  return [
    `## \`${file}\``,
    about,
    markdownTable(
      ['key', 'treatment', 'why'],
      [
        ...groups.map(({ names, outcome }) => [names.join(', '), ...outcome]),
        ['any other', ...outcomeOf(others)],
      ],
    ),
  ].join('\n\n');
}

const outcomeOf = ({ treatment, why, idle = [], refusesNull }: KeyRule): readonly string[] => [
  treatment,
  idle.length === 0
    ? `${why}${refusesNull ? '; null is refused' : ''}`
    : `${why} (nothing is said of ${idle.map((value) => `\`${JSON.stringify(value)}\``).join(', ')})`,
];
