/** Keys of a vision-language model's configuration outside its language model. */
import { harmless, named, refused, used, type ReadRules } from '../../reading/rules.ts';
import { commonKeys, each, notRun } from './common-keys.ts';

export const towerKeys: ReadRules = {
  file: 'config.json: vision_config',
  about: `The vision tower. ${notRun}`,
  keys: {
    ...commonKeys.keys,
    ...each(
      'hidden_size intermediate_size num_hidden_layers num_attention_heads num_channels image_size patch_size layer_norm_eps depth embed_dim num_heads mlp_ratio in_channels spatial_merge_size temporal_patch_size window_size fullatt_block_indexes out_hidden_size',
      used('sizes of the tower'),
    ),
    hidden_act: used('gelu, its approximations and silu are computed'),
    norm_type: used('layer and RMS norms are computed'),
    ...each(
      'attention_bias use_qk_norm use_absolute_position_embeddings use_mean_pooling rope_parameters',
      used('parts of the tower'),
    ),
    ...each('in_chans spatial_patch_size', harmless('older names, which transformers does not read')),
    ...each('tokens_per_second num_frames', harmless('for videos')),
    ...each(
      'projection_dim vocab_size vision_use_head tie_word_embeddings max_image_size size use_base_siglip bos_token_id eos_token_id pad_token_id rms_norm_eps',
      harmless("of the tower's other uses, or read from the image processor"),
    ),
    ...each('deepstack_visual_indexes', refused('way of feeding several layers (DeepStack)', [])),
    ...each(
      'num_query_tokens num_position_embeddings pos_emb_interp',
      refused('kind of positions or queries'),
    ),
  },
  others: named('not known here'),
};

export const wholeKeys: ReadRules = {
  file: 'config.json',
  about: `A vision-language model as a whole. ${notRun}`,
  keys: {
    ...commonKeys.keys,
    ...each('text_config vision_config', used('language model and tower')),
    ...each('image_token_id image_token_index', used('the token that an image takes the place of')),
    ...each(
      'vision_feature_layer vision_feature_select_strategy projector_hidden_act multimodal_projector_bias scale_factor downsample_ratio image_grid_pinpoints vision_aspect_ratio tie_word_embeddings',
      used('connector and features'),
    ),
    ...each(
      'video_token_id video_token_index vision_start_token_id vision_end_token_id vision_token_id',
      harmless('tokens of videos, or written by the chat template'),
    ),
    image_seq_length: harmless('the number of tokens of an image is counted from tower and connector'),
    ...each(
      'vocab_size bos_token_id eos_token_id pad_token_id _pad_token_id hidden_size max_position_embeddings rms_norm_eps is_llama_config',
      harmless('repeats what text_config says'),
    ),
    use_image_newline_parameter: refused('leaving out of the newline between rows of tiles', true),
  },
  others: named('not known here'),
};
