/** Keys of a language model's configuration: the whole config.json, or `text_config` in it. */
import { harmless, named, needed, refused, used, type ReadRules } from '../../reading/rules.ts';
import { commonKeys, each, notRun } from './common-keys.ts';

export const textKeys: ReadRules = {
  file: 'config.json: text_config',
  about: `The language model, in \`text_config\` or at the top of config.json. ${notRun}`,
  keys: {
    ...commonKeys.keys,
    ...each(
      'vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads rms_norm_eps max_position_embeddings',
      needed('sizes of the model'),
    ),
    ...each(
      'num_key_value_heads head_dim tie_word_embeddings bos_token_id eos_token_id pad_token_id',
      used('sizes and tokens of the model'),
    ),
    hidden_act: needed('only silu is computed'),
    ...each('attention_bias mlp_bias', used('whether layers have biases, where the architecture asks')),
    ...each(
      'rope_theta rope_scaling rope_parameters',
      used('positions; kinds of scaling that are not computed are refused'),
    ),
    partial_rotary_factor: used('only 1 is computed'),
    use_sliding_window: used('only false is computed'),
    layer_types: used('only full_attention is computed'),
    ...each(
      'sliding_window max_window_layers',
      harmless('heeded only with use_sliding_window, which is refused'),
    ),
    ...each(
      'is_llama_config use_resampler perceiver_config pixel_shuffle_factor',
      harmless('left by a training program; transformers does not read it'),
    ),
    ...each(
      'image_token_id video_token_id vision_start_token_id vision_end_token_id vision_token_id',
      harmless('tokens of images, which are read from the whole configuration'),
    ),
    ...each(
      'embedding_multiplier residual_multiplier logits_scaling logit_scale attention_multiplier scale_emb scale_depth dim_model_base mup_denominator attn_scale',
      refused('scaling of embeddings, attention, residuals or logits', 1),
    ),
    ...each(
      'final_logit_softcapping attn_logit_softcapping logits_soft_cap',
      refused('bound on logits or attention (soft cap)'),
    ),
    query_pre_attn_scalar: refused('scale of attention'),
    ...each('rotary_pct rotary_percent rotary_emb_fraction', refused('partial rotary embedding', 1)),
    rotary_dim: refused('partial rotary embedding'),
    ...each('rope_interleaved mrope_interleaved', refused('interleaved rotary embedding', false)),
    ...each(
      'no_rope_layers no_rope_layer_interval',
      refused('leaving out of rotary embeddings in some layers', []),
    ),
    ...each('rope_local_base_freq local_rope_theta', refused('second kind of rotary embedding')),
    ...each('alibi use_alibi', refused('position bias (ALiBi)', false)),
    ...each('use_dynamic_ntk use_logn_attn', refused('scaling of attention for long texts', false)),
    position_embedding_type: refused('kind of positions', 'rope', 'rotary'),
    ...each(
      'parallel_attn use_parallel_residual',
      refused('order of attention and MLP (in parallel)', false),
    ),
    ...each('use_qk_norm qk_layernorm qk_layer_norms', refused('norm of queries and keys', false)),
    ...each('attention_chunk_size sliding_window_pattern', refused('attention to a part of the text only')),
    attn_temperature_tuning: refused('scaling of attention for long texts', false),
    clip_qkv: refused('bound on queries, keys and values'),
    ...each(
      'num_experts num_local_experts n_routed_experts num_experts_per_tok',
      refused('mixture of experts', 0),
    ),
    num_nextn_predict_layers: named('layers that predict further tokens, which are not computed', 0),
    dual_chunk_attention_config: named('another attention for very long texts, which is not computed'),
  },
  others: named('not known here'),
};

export const ropeKeys: ReadRules = {
  file: 'config.json: rope_parameters, rope_scaling',
  about: `Positions of the language model. ${notRun}`,
  keys: {
    ...each(
      'type rope_type',
      used('default, M-RoPE and dynamic scaling up to the plain length are computed'),
    ),
    ...each('rope_theta mrope_section', used('frequencies')),
    partial_rotary_factor: used('only 1 is computed'),
    ...each(
      'factor original_max_position_embeddings low_freq_factor high_freq_factor attention_factor beta_fast beta_slow short_factor long_factor mscale mscale_all_dim truncate',
      harmless('heeded only with kinds of scaling that are refused, or beyond the plain length'),
    ),
    ...each('mrope_interleaved interleaved', refused('interleaved rotary embedding', false)),
  },
  others: named('not known here'),
};
