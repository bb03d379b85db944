/**
 * Which tensors a decoder's layer is computed with, by config.json. transformers builds a layer by its
 * configuration and drops whatever else a file holds; so does the forward pass here.
 */
import type { TextSpec } from './text-spec.ts';

const attention = ['q_proj', 'k_proj', 'v_proj', 'o_proj'] as const;
const mlp = ['gate_proj', 'up_proj', 'down_proj'] as const;

/** Whether a linear layer, as `self_attn.q_proj`, has a bias. */
export function hasBias(
  { qkvBias, outputBias, mlpBias }: Pick<TextSpec, 'qkvBias' | 'outputBias' | 'mlpBias'>,
  linear: string,
): boolean {
  if (linear.startsWith('mlp.')) return mlpBias;
  return linear === 'self_attn.o_proj' ? outputBias : qkvBias;
}

/** Names after `layers.N.`, of the layer's linear layers. */
export const layerLinears: readonly string[] = [
  ...attention.map((name) => `self_attn.${name}`),
  ...mlp.map((name) => `mlp.${name}`),
];

/** Names after `layers.N.`, of every tensor that a layer is computed with. */
export function layerTensors(spec: TextSpec): ReadonlySet<string> {
  return new Set([
    'input_layernorm.weight',
    'post_attention_layernorm.weight',
    ...(spec.qkNorm ? ['self_attn.q_norm.weight', 'self_attn.k_norm.weight'] : []),
    ...layerLinears.flatMap((name) => [`${name}.weight`, ...(hasBias(spec, name) ? [`${name}.bias`] : [])]),
  ]);
}
