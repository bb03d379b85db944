/**
 * README.md of an exported model: what it is, what it was made from and under which licences, and what was
 * measured of it.
 */
import { describeBasis, isSvd, type Basis } from '../../../core/gates/basis.ts';
import { describeLosses } from '../../../core/objective/terms.ts';
import type { Role } from '../../../core/family/trio.ts';
import { describeMethod } from '../../../core/merging/choose.ts';
import { describeOptions } from '../../../core/objective/describe-options.ts';
import type { Recipe, RecipeMetric, RecipeRun } from '../../../core/recipe/recipe.ts';
import { filesSection, frontMatter, knownOf, madeFrom, type CardInputs } from './card-parts.ts';
import type { CarriedFiles } from './export-files.ts';
import { readLicence, type Licence } from './licence.ts';
import { plain } from './markdown.ts';
import { scoreTable } from './score-table.ts';
import type { OpenSession } from '../opening/open-session.ts';

export interface Exported {
  readonly recipe: Recipe;
  readonly changed: number;
  readonly energyKept: number | null;
  readonly licences: Readonly<Record<Role, Licence>>;
  readonly files: CarriedFiles;
}

export async function readLicences(
  { folders }: OpenSession,
  signal: AbortSignal,
): Promise<Exported['licences']> {
  return {
    base: await readLicence(folders.base, signal),
    vlm: await readLicence(folders.vlm, signal),
    lrm: await readLicence(folders.lrm, signal),
  };
}

export function modelCard(
  { facts }: OpenSession,
  { recipe, changed, energyKept, licences, files }: Exported,
): string {
  const { lambda } = recipe.options;
  const settings = describeOptions(recipe.options, String, ['lambda', 'steps']);
  const { vlm, lrm } = facts.models;
  const { budget, preset } = recipe;
  const shared =
    budget === null
      ? ''
      : `, one for each of the ${budget} strongest subspaces of a layer and one for its others`;
  const gates = recipe.slots.flatMap((slot) => [...slot.gates]);
  const mean = gates.reduce((sum, gate) => sum + gate, 0) / gates.length;
  const input = (role: Role) => ({ ...recipe.inputs[role], licence: licences[role] });
  const inputs: CardInputs = { base: input('base'), vlm: input('vlm'), lrm: input('lrm') };
  const isAdapter = energyKept !== null;
  const byHand =
    preset === null
      ? 'none: the gates were set by hand or by a preset'
      : `none: the gates were set by ${plain(describeMethod(preset))}`;
  return `${frontMatter(isAdapter ? 'peft' : 'transformers', inputs)}
# ${plain(vlm.label)} with subspaces of ${plain(lrm.label)}

${whatItIs(recipe.basis)}

${madeFrom(inputs)}

| how | |
|---|---|
| λ | ${lambda} |
${isSvd(recipe.basis) ? '' : `| basis | ${describeBasis(recipe.basis)} |\n`}| gates | ${gates.length} in ${facts.slots.length} layers${shared}, mean ${mean.toFixed(3)} |
| ${isAdapter ? 'layers with a LoRA pair' : 'tensors changed'} | ${changed} |
${isAdapter ? `| energy of the change kept | ${(100 * energyKept).toFixed(2)} % |\n` : ''}| distillation | ${recipe.step === 0 ? byHand : `${recipe.step} steps, ${settings.join(', ')}; no labels`} |
| made with | FRISM Studio ${recipe.studio}, SVD ${plain(recipe.kernel)} |

\`recipe.json\` (also in the \`__metadata__\` of the weights) has every gate and a hash of every input. Vision tower, connector,
embeddings, norms and output head are the VLM's.

${section(knownOf(recipe.findings))}## Measured

${figures(recipe.metrics, recipe.run, energyKept)}
${filesSection(files)}`;
}

const whatItIs = (basis: Basis): string =>
  isSvd(basis)
    ? `A vision-language model into which the weight change of a reasoning model was merged one SVD subspace at a time
(FRISM, Huang et al., ICML 2026, arXiv 2601.21187): \`θ = θ_vlm + λ · U · diag(gate ⊙ S) · Vᵀ\`, with \`U S Vᵀ\` the thin SVD of
\`θ_lrm − θ_base\`.`
    : `A vision-language model into which the weight change of a reasoning model was merged one piece at a time, by the objective of
FRISM (Huang et al., ICML 2026, arXiv 2601.21187) but in another basis than its SVD: \`θ = θ_vlm + λ · U · diag(gate ⊙ S) · Vᵀ\`, with
\`U S Vᵀ\` the same \`θ_lrm − θ_base\` in the basis of ${describeBasis(basis)}.`;

const section = (text: string): string => (text === '' ? '' : `${text}\n`);

function figures(metrics: readonly RecipeMetric[], run: RecipeRun | null, energyKept: number | null): string {
  const parts: string[] = [];
  const cut =
    energyKept !== null && energyKept < 1
      ? ' The figures belong to the whole change, and this adapter holds a part of it.'
      : '';
  if (metrics.length > 0) {
    parts.push(
      `The studio measured exactly these gates and λ on the trio's own test sets. The intervals are Wilson 95 % intervals.${cut}\n\n${scoreTable(metrics)}`,
    );
  }
  if (run) {
    parts.push(
      `Distilled on ${plain(run.backend)}. On the batch of the last step, before the gates moved: ${describeLosses(run.losses).join(', ')}.`,
    );
  }
  if (metrics.length === 0)
    parts.push(
      'No score is stated, because none was measured with these gates. Measure the model on your own items before you rely on it.',
    );
  return parts.join('\n\n');
}
