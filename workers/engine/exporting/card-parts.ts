/**
 * What every model card of this studio begins with: front matter as the Hub reads it, and what the model was
 * made from.
 */
import type { KnownFinding } from '../../../core/family/accept-findings.ts';
import type { Role } from '../../../core/family/trio.ts';
import type { CarriedFiles } from './export-files.ts';
import type { Licence } from './licence.ts';
import { code, plain, yamlText } from './markdown.ts';

export interface CardInput {
  readonly label: string;
  readonly architecture: string;
  /** The hash of all tensors; null where it was not computed. */
  readonly sha256: string | null;
  readonly licence: Licence;
}
export type CardInputs = Readonly<Record<Role, CardInput>>;

export function frontMatter(library: 'transformers' | 'peft', { base, vlm, lrm }: CardInputs): string {
  const repositories = [vlm, lrm, base].flatMap(
    ({ label }) => /^([\w.-]+\/[\w.-]+)@[0-9a-f]{7}$/.exec(label)?.[1] ?? [],
  );
  // Repositories of the Hub for the Hub's own lineage; a folder's name would lead nowhere.
  const lineage =
    repositories.length === 0
      ? []
      : ['base_model:', ...repositories.map((name) => `- ${name}`), 'base_model_relation: merge'];
  // A licence only where all three say the same: otherwise it is for a person to say.
  const { name } = vlm.licence;
  const licence =
    name !== null && name === base.licence.name && name === lrm.licence.name && /^[\w.-]+$/.test(name)
      ? [`license: ${yamlText(name)}`]
      : [];
  return [
    '---',
    `library_name: ${library}`,
    ...lineage,
    ...licence,
    'tags:',
    '- merge',
    '- frism',
    '---',
  ].join('\n');
}

export function madeFrom({ base, vlm, lrm }: CardInputs): string {
  const row = (what: string, { label, architecture, sha256, licence }: CardInput) =>
    `| ${what} | ${code(label)} (${plain(architecture)}) | ${sha256 === null ? '–' : code(sha256.slice(0, 12))} | ${said(licence)} |`;
  return `| made from | model | SHA-256 | licence |
|---|---|---|---|
${row('VLM', vlm)}
${row('reasoning model', lrm)}
${row('common base', base)}

The licences of all three apply to what was made of them.`;
}

/** What was found in the models, as a part of the card with a heading of its own; empty where nothing was. */
export function knownOf(findings: readonly KnownFinding[]): string {
  const list = (of: readonly KnownFinding[]) =>
    of.map((finding) => `- ${code(finding.code)}: ${plain(finding.message)}`).join('\n');
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const parts = [
    errors.length > 0 &&
      `## Findings accepted\n\nWhoever made this merge was told that it would be wrong, and accepted it:\n\n${list(errors)}\n`,
    warnings.length > 0 && `## Known about these models\n\n${list(warnings)}\n`,
  ];
  return parts.filter((part) => part !== false).join('\n');
}

/** What became of the VLM's other files, or nothing where there is nothing to say. */
export function filesSection({ leftOut, isListed }: CarriedFiles): string {
  const rows = leftOut.slice(0, mostNamed).map(({ name, why }) => `| ${code(name)} | ${plain(why)} |`);
  if (rows.length === 0 && isListed) return '';
  const more = leftOut.length > mostNamed ? `\n\n${leftOut.length - mostNamed} more were left out.` : '';
  const parts = [
    ...(rows.length === 0
      ? []
      : [`| file of the VLM | why it is not here |\n|---|---|\n${rows.join('\n')}${more}`]),
    ...(isListed
      ? []
      : [
          'The VLM came from a place that cannot say which files it has. Files with usual names were copied; others may be missing.',
        ]),
  ];
  return `\n## Files left out\n\n${parts.join('\n\n')}\n`;
}

/** More would drown the card; the report of the export has them all. */
const mostNamed = 50;

function said({ name, file }: Licence): string {
  if (name === null && file === null) return 'unknown: see the source';
  return plain([name ?? '', file === null ? '' : `see its ${file}`].filter(Boolean).join(', '));
}
