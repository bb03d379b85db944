/** README.md of a model merged in a stream. */
import { describeMethod } from '../core/merging/choose.ts';
import { frontMatter, inline, madeFrom, type CardInputs } from '../workers/engine/exporting/card-parts.ts';

export interface CardFacts {
  readonly method: { readonly id: string; readonly formula: string; readonly source: string };
  readonly settings: Readonly<Record<string, number>>;
  /** Which were chosen, as in “layers 10-19”. */
  readonly layers: string;
  readonly inputs: CardInputs;
  readonly changed: number;
}

export function mergeCard({
  method: { id, formula, source },
  settings,
  layers,
  inputs,
  changed,
}: CardFacts): string {
  return `${frontMatter('transformers', inputs)}
# \`${inline(inputs.vlm.label)}\` with \`${inline(inputs.lrm.label)}\`

${changed} linear layers of the language model (${layers}) were merged by ${describeMethod({ name: id, settings })}; every other tensor is the VLM's, byte for byte.

    ${formula}

${source}. \`merge.json\` (also in the \`__metadata__\` of the weights) says it to a program.

${madeFrom(inputs)}

No score is stated here because none was measured.
`;
}
