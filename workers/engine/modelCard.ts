/** README.md of an exported model: what it is, what it was made from, and what was not measured. */
import type { DistillOptions } from '../../src/protocol/session.ts';
import type { OpenSession } from './openSession.ts';

export function modelCard({ facts, training }: OpenSession, { lambda, alpha, beta, gamma, teacherTopK }: DistillOptions, gates: Float32Array, { changed, energyKept }: { readonly changed: number; readonly energyKept: number | null }): string {
  const { base, vlm, lrm } = facts.models;
  const { budget } = facts.layout;
  const shared = budget === null ? '' : `, one for each of the ${budget} strongest subspaces of a layer and one for its others`;
  const mean = gates.reduce((sum, gate) => sum + gate, 0) / gates.length;
  const inline = (text: string) => text.replace(/[`\r\n]/g, ' ');
  return `---
library_name: ${energyKept === null ? 'transformers' : 'peft'}
tags:
- merge
- frism
---
# ${inline(vlm.label)} with subspaces of ${inline(lrm.label)}

A vision-language model into which the weight change of a reasoning model was merged one SVD subspace at a time
(FRISM, Huang et al., ICML 2026, arXiv 2601.21187): \`θ = θ_vlm + λ · U · diag(gate ⊙ S) · Vᵀ\`, with \`U S Vᵀ\` the thin SVD of
\`θ_lrm − θ_base\`.

| | |
|---|---|
| VLM | \`${inline(vlm.label)}\` (${inline(vlm.architecture)}) |
| reasoning model | \`${inline(lrm.label)}\` (${inline(lrm.architecture)}) |
| common base | \`${inline(base.label)}\` (${inline(base.architecture)}) |
| λ | ${lambda} |
| gates | ${gates.length} in ${facts.slots.length} layers${shared}, mean ${mean.toFixed(3)} |
| ${energyKept === null ? 'tensors changed' : 'layers with a LoRA pair'} | ${changed} |
${energyKept === null ? '' : `| energy of the change kept | ${(100 * energyKept).toFixed(2)} % |\n`}| distillation | ${training.steps} steps, α ${alpha}, β ${beta}, γ ${gamma}${teacherTopK === null ? '' : `, of each teacher the ${teacherTopK} most probable tokens and the rest as one`}; no labels |

\`recipe.json\` (also in the \`__metadata__\` of the weights) has every gate and a hash of every input. Vision tower, connector,
embeddings, norms and output head are the VLM's. The licences of all three models apply.

No score is stated here because none travels with the weights: measure the model on your own items before you rely on it.
`;
}
