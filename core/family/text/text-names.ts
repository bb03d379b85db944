/** Where a language model's tensors are. */
import { lacking, type Reading } from '../descriptor.ts';
import type { TextNames } from './text-spec.ts';

/** Under the first prefix that has an embedding; else a reason that names the tensor missing under the first. */
export function findTextNames(
  prefixes: readonly string[],
  names: ReadonlySet<string>,
  tied: boolean,
): Reading<TextNames> {
  const prefix = prefixes.find((one) => names.has(`${one}embed_tokens.weight`)) ?? prefixes[0] ?? '';
  const embedding = `${prefix}embed_tokens.weight`;
  const finalNorm = `${prefix}norm.weight`;
  const layers = `${prefix}layers.`;
  const head = ['lm_head.weight', 'language_model.lm_head.weight'].find((name) => names.has(name)) ?? null;
  const missing =
    [embedding, finalNorm, `${layers}0.self_attn.q_proj.weight`].find((name) => !names.has(name)) ??
    (head === null && !tied ? 'lm_head.weight' : null);
  return missing === null ? { layers, embedding, finalNorm, head } : lacking(missing);
}

/** Transformers' own names for the LLaVA families, and those of checkpoints that newer versions wrote. */
export const llavaTextPrefixes = ['language_model.model.', 'model.language_model.'] as const;

/** The first prefix under which `suffix` is, or a reason that names what is missing under the first. */
export function findPrefix(
  prefixes: readonly string[],
  suffix: string,
  names: ReadonlySet<string>,
): Reading<{ readonly prefix: string }> {
  const prefix = prefixes.find((one) => names.has(`${one}${suffix}`));
  return prefix === undefined ? lacking(`${prefixes[0] ?? ''}${suffix}`) : { prefix };
}
