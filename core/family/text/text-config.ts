/** config.json of a language model with the Llama block → TextSpec. */
import type { ConfigReader } from '../config-reader.ts';
import { readDecoderFeatures, ropeSettings } from './decoder-features.ts';
import type { TextSpec } from './text-spec.ts';
import { textTypes, type TextType } from './text-types.ts';

/** A spec, or a reason in words when the config asks for something that the forward pass does not compute. */
export function readTextConfig(
  config: ConfigReader,
  type: TextType,
  options: { readonly rmsNormEps?: number } = {},
): TextSpec | { readonly reason: string } {
  const row = textTypes[type];
  const { defaults } = row;
  const hiddenSize = config.whole('hidden_size', defaults.hiddenSize);
  const heads = config.whole('num_attention_heads', defaults.heads, [1, 4096]);
  // An explicit null means "as many as heads" in every family; a missing key means the class default.
  const keyValueHeads = config.whole(
    'num_key_value_heads',
    config.declares('num_key_value_heads') ? heads : (defaults.keyValueHeads ?? heads),
    [1, 4096],
  );
  if (heads % keyValueHeads !== 0)
    config.refuse('num_key_value_heads', `a divisor of num_attention_heads (${heads})`);
  if (defaults.headDim === null && !config.has('head_dim') && hiddenSize % heads !== 0)
    config.refuse('hidden_size', `a multiple of num_attention_heads (${heads})`);
  if (defaults.headDim !== null && config.declares('head_dim') && !config.has('head_dim'))
    config.refuse('head_dim', 'a number, or absent');
  const headDim = config.whole('head_dim', defaults.headDim ?? hiddenSize / heads, [2, 4096]);
  if (headDim % 2 !== 0) config.refuse('head_dim', 'even');

  const features = readDecoderFeatures(config, row);
  if ('reason' in features) return features;
  const rope = ropeSettings(config);
  if (
    features.rotary.kind === 'sections' &&
    features.rotary.sections.reduce((sum, length) => sum + length, 0) !== headDim / 2
  )
    rope.refuse('mrope_section', `numbers whose sum is half of head_dim (${headDim / 2})`);
  const theta = rope.has('rope_theta') ? rope : config;
  return {
    ...features,
    type,
    vocabSize: config.whole('vocab_size', defaults.vocabSize),
    hiddenSize,
    intermediateSize: config.whole('intermediate_size', defaults.intermediateSize),
    layers: config.whole('num_hidden_layers', defaults.layers, [1, 1024]),
    heads,
    keyValueHeads,
    headDim,
    rmsNormEps: config.number('rms_norm_eps', options.rmsNormEps ?? defaults.rmsNormEps, [0, 1]),
    ropeTheta: theta.number('rope_theta', defaults.ropeTheta, [1, 1e12]),
    maxPositions: config.whole('max_position_embeddings', defaults.maxPositions, [1, 2 ** 30]),
    tiedEmbeddings: config.flag('tie_word_embeddings', false),
    bosTokenId: config.tokenIds('bos_token_id', defaults.bos)[0] ?? null,
    eosTokenIds: config.tokenIds('eos_token_id', defaults.eos),
    // The first LLaMA configurations say -1 where they have none.
    padTokenId: config.raw('pad_token_id') === -1 ? null : (config.tokenIds('pad_token_id', [])[0] ?? null),
  };
}
