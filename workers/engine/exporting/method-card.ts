/** README.md of a model that a method without gates merged. */
import { describeMethod } from '../../../core/merging/choose.ts';
import type { MergeRecord } from '../../../core/recipe/merge-record.ts';
import { filesSection, frontMatter, knownOf, madeFrom, type CardInputs } from './card-parts.ts';
import type { CarriedFiles } from './export-files.ts';
import { code } from './markdown.ts';
import { scoreTable } from './score-table.ts';

export function methodCard(
  { method, settings, formula, source, layers, metrics = [], findings = [] }: MergeRecord,
  inputs: CardInputs,
  changed: number,
  files: CarriedFiles,
): string {
  const measured =
    metrics.length === 0
      ? 'No score is stated here because none was measured.'
      : `The studio measured this very merge on the trio's own test sets; intervals are Wilson 95 %.\n\n${scoreTable(metrics)}`;
  const known = knownOf(findings);
  return `${frontMatter('transformers', inputs)}
# ${code(inputs.vlm.label)} with ${code(inputs.lrm.label)}

${changed} linear layers of the language model (${layers}) were merged by ${describeMethod({ name: method, settings })}; every other tensor is the VLM's, byte for byte.

    ${formula}

${source}. \`merge.json\` (also in the \`__metadata__\` of the weights) says it to a program.

${madeFrom(inputs)}

${known === '' ? '' : `${known}\n## Measured\n\n`}${measured}
${filesSection(files)}`;
}
