/** README.md of a model merged from the command line. */
import type { NamedModel } from './models.ts';

export interface CardFacts {
  readonly method: string;
  readonly settings: Readonly<Record<string, number>>;
  /** Which were chosen, as in “layers 10-19”. */
  readonly layers: string;
  readonly base: NamedModel;
  readonly vlm: NamedModel;
  readonly lrm: NamedModel;
  readonly changed: number;
}

export function mergeCard({ method, settings, layers, base, vlm, lrm, changed }: CardFacts): string {
  const code = ({ checkpoint }: NamedModel) => `\`${checkpoint.label.replace(/[`\r\n]/g, ' ')}\``;
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${value}`).join(', ');
  return `---
library_name: transformers
tags:
- merge
- frism
---
# ${code(vlm)} with ${code(lrm)}

${changed} linear layers of the language model (${layers}) were merged by ${method} (${set}); every other tensor is the VLM's, byte for byte.

| | |
|---|---|
| VLM | ${code(vlm)} |
| reasoning model | ${code(lrm)} |
| common base | ${code(base)} |

The licences of all three models apply. No score is stated here because none was measured.
`;
}
