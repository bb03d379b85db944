/**
 * Text models with the Llama block: Llama, Qwen2, Qwen3. Defaults are those of transformers' config classes
 * (5.23).
 */
import type { ConfigReader } from './config-reader.ts';
import type { TextSpec } from './model-spec.ts';

interface FamilyDefaults {
  readonly vocabSize: number;
  readonly intermediateSize: number;
  /** Null: as many as heads. */
  readonly keyValueHeads: number | null;
  /** Null: hiddenSize / heads. */
  readonly headDim: number | null;
  readonly maxPositions: number;
  readonly bos: readonly number[];
  readonly eos: readonly number[];
}

const qwen = {
  vocabSize: 151_936,
  intermediateSize: 22_016,
  keyValueHeads: 32,
  maxPositions: 32_768,
  bos: [],
  eos: [],
} as const;
const defaults: Readonly<Record<TextSpec['family'], FamilyDefaults>> = {
  llama: {
    vocabSize: 32_000,
    intermediateSize: 11_008,
    keyValueHeads: null,
    headDim: null,
    maxPositions: 2048,
    bos: [1],
    eos: [2],
  },
  qwen2: { ...qwen, headDim: null },
  qwen3: { ...qwen, headDim: 128 },
};

/** A reason in words when the config asks for something that the forward pass does not compute. */
export type TextReading =
  { readonly ok: true; readonly text: TextSpec } | { readonly ok: false; readonly reason: string };

export function readTextConfig(
  config: ConfigReader,
  family: TextSpec['family'],
  options: { readonly rmsNormEps?: number } = {},
): TextReading {
  const fallback = defaults[family];
  const hiddenSize = config.whole('hidden_size', 4096);
  const heads = config.whole('num_attention_heads', 32, [1, 4096]);
  // An explicit null means "as many as heads" in every family; a missing key means the class default.
  const keyValueHeads = config.whole(
    'num_key_value_heads',
    config.declares('num_key_value_heads') ? heads : (fallback.keyValueHeads ?? heads),
    [1, 4096],
  );
  if (heads % keyValueHeads !== 0)
    config.refuse('num_key_value_heads', `a divisor of num_attention_heads (${heads})`);
  if (fallback.headDim === null && !config.has('head_dim') && hiddenSize % heads !== 0)
    config.refuse('hidden_size', `a multiple of num_attention_heads (${heads})`);
  const headDim = config.whole('head_dim', fallback.headDim ?? hiddenSize / heads, [2, 4096]);
  if (headDim % 2 !== 0) config.refuse('head_dim', 'even');

  const activation = config.text('hidden_act', 'silu');
  if (activation !== 'silu')
    return { ok: false, reason: `its activation ${activation} is not computed here` };
  const rope = readRope(config);
  // Dynamic scaling changes nothing up to max_position_embeddings.
  if (rope.type !== 'default' && rope.type !== 'dynamic')
    return { ok: false, reason: `its position scaling (rope type ${rope.type}) is not computed here` };
  if (rope.partial !== 1)
    return {
      ok: false,
      reason: `its partial rotary embedding (${rope.partial} of each head) is not computed here`,
    };
  if (family !== 'llama' && config.flag('use_sliding_window', false))
    return { ok: false, reason: 'its sliding-window attention is not computed here' };

  const maxPositions = config.whole('max_position_embeddings', fallback.maxPositions, [1, 2 ** 30]);
  const attentionBias = family !== 'qwen2' && config.flag('attention_bias', false);
  return {
    ok: true,
    text: {
      family,
      vocabSize: config.whole('vocab_size', fallback.vocabSize),
      hiddenSize,
      intermediateSize: config.whole('intermediate_size', fallback.intermediateSize),
      layers: config.whole('num_hidden_layers', 32, [1, 1024]),
      heads,
      keyValueHeads,
      headDim,
      rmsNormEps: config.number('rms_norm_eps', options.rmsNormEps ?? 1e-6, [0, 1]),
      ropeTheta: rope.theta,
      maxPositions,
      plainPositions: rope.type === 'dynamic' ? maxPositions : null,
      qkvBias: family === 'qwen2' || attentionBias,
      outputBias: attentionBias,
      mlpBias: family === 'llama' && config.flag('mlp_bias', false),
      qkNorm: family === 'qwen3',
      activation: 'silu',
      tiedEmbeddings: config.flag('tie_word_embeddings', false),
      bosTokenId: config.tokenIds('bos_token_id', fallback.bos)[0] ?? null,
      eosTokenIds: config.tokenIds('eos_token_id', fallback.eos),
      padTokenId: config.tokenIds('pad_token_id', [])[0] ?? null,
    },
  };
}

/**
 * transformers 5 writes `rope_parameters {rope_theta, rope_type}`; before it `rope_theta` stood alone and
 * `rope_scaling {type | rope_type}` beside it.
 */
function readRope(config: ConfigReader): {
  readonly theta: number;
  readonly type: string;
  readonly partial: number;
} {
  const nested = config.nested(config.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling');
  const holder = nested.has('rope_theta') ? nested : config;
  return {
    theta: holder.number('rope_theta', 10_000, [1, 1e12]),
    type: nested.text('rope_type', nested.text('type', 'default')),
    partial: (nested.has('partial_rotary_factor') ? nested : config).number(
      'partial_rotary_factor',
      1,
      [0, 1],
    ),
  };
}
