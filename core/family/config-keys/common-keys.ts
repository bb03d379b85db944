/** Keys that any configuration of transformers may have, at the top and in its parts. */
import { generationConfigRules } from '../../reading/generation-config.ts';
import { harmless, named, refused, used, type KeyRule, type ReadRules } from '../../reading/rules.ts';

type Keys = Readonly<Record<string, KeyRule>>;

/** The same rule for each of these keys. */
export const each = (names: string, rule: KeyRule): Keys =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));

const whileGenerating = 'a setting of generation, which transformers may take from here';

/** Settings that change answers, and that generation_config.json may ask for in vain as well. */
const notHeededAnyway: Keys = Object.fromEntries(
  Object.entries(generationConfigRules.keys)
    .filter(([, { treatment }]) => treatment === 'named')
    .map(([key, { idle = [] }]) => [key, named(whileGenerating, ...idle)]),
);

export const notRun =
  'A refused key does not end opening: the model can be paired, decomposed, merged and exported, but not run.';

export const commonKeys: ReadRules = {
  file: 'config.json: any part',
  about: `Keys that any configuration of transformers may have, at the top and in its parts, where the model is one of those that can be run. Of other models config.json decides nothing but the checks of pairing. ${notRun}`,
  keys: {
    ...each(
      '_name_or_path _commit_hash transformers_version transformers.js_config model_name name_or_path unsloth_version unsloth_fixed',
      harmless('where the model comes from, or for another program'),
    ),
    ...each('architectures model_type', used('which kind of model it is')),
    ...each(
      'torch_dtype dtype use_bfloat16 torchscript _attn_implementation _attn_implementation_internal _attn_implementation_autoset attn_implementation _flash_attn_2_enabled use_flash_attn use_cache use_reentrant_checkpointing gradient_checkpointing pretraining_tp chunk_size_feed_forward tf_legacy_loss',
      harmless('how a program computes, with the same result up to rounding'),
    ),
    ...each(
      'initializer_range initializer_factor attention_dropout attention_probs_dropout_prob dropout hidden_dropout hidden_dropout_prob projection_dropout embd_pdrop resid_pdrop drop_path_rate neftune_noise_alpha ignore_index router_aux_loss_coef output_router_logits use_mask_token layer_scale_init_value problem_type finetuning_task task_specific_params id2label label2id num_labels',
      harmless('for training'),
    ),
    ...each(
      'output_attentions output_hidden_states output_scores return_dict return_dict_in_generate remove_invalid_values prefix num_return_sequences',
      harmless('what else is returned, or names other files'),
    ),
    ...each(
      'do_sample temperature top_k top_p typical_p early_stopping length_penalty num_beam_groups diversity_penalty max_length max_new_tokens',
      harmless('for sampling or for beams; answers here are greedy, of a length that is asked for'),
    ),
    tokenizer_class: used('the tokenizer class, where tokenizer_config.json names none'),
    ...notHeededAnyway,
    repetition_penalty: named(whileGenerating, 1),
    ...each('no_repeat_ngram_size min_length min_new_tokens', named(whileGenerating, 0)),
    ...each('bad_words_ids suppress_tokens begin_suppress_tokens', named(whileGenerating, [])),
    ...each('sep_token_id decoder_start_token_id', harmless('tokens that these models do not use')),
    ...each('quantization_config compression_config quantization', used('how the weights are stored')),
    is_decoder: harmless('language models are decoders'),
    ...each(
      'is_encoder_decoder add_cross_attention tie_encoder_decoder',
      refused('second stack of layers', false),
    ),
    cross_attention_hidden_size: refused('second stack of layers'),
    pruned_heads: refused('number of heads that were removed', {}),
    auto_map: named('names Python code that comes with the model, which is not run here', {}),
  },
  others: named('not known here'),
};
