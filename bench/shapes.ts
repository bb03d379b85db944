/** Shapes of published models, from their config.json. Nothing of the models themselves is needed. */
import type { LinearKind } from '../core/family/linear-kinds.ts';

export interface LinearShape {
  readonly layer: number;
  readonly kind: LinearKind;
  /** [out, in] */
  readonly shape: readonly [number, number];
}

/**
 * SmolLM2-135M: 30 layers, width 576, MLP 1536, 9 heads of 64 of which 3 for keys and values; 210 matrices,
 * 97,920 subspaces.
 */
export const smolLm2: readonly LinearShape[] = Array.from({ length: 30 }, (_, layer) =>
  (
    [
      ['q', [576, 576]],
      ['k', [192, 576]],
      ['v', [192, 576]],
      ['o', [576, 576]],
      ['gate', [1536, 576]],
      ['up', [1536, 576]],
      ['down', [576, 1536]],
    ] as const
  ).map(([kind, shape]) => ({ layer, kind, shape })),
).flat();

export const smolLm2Config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  head_dim: 64,
  vocab_size: 49_152,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
} as const;
