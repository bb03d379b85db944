/**
 * Keys of a vision-language model's configuration outside its language model: a list for each vision tower, and
 * one for each family's whole. A key by which another tower or family acts is named where this one does not have
 * it: transformers keeps it as an attribute that nothing reads.
 */
import {
  harmless,
  named,
  namedInVain,
  needed,
  refused,
  used,
  type KeyRule,
  type ReadRules,
} from '../../reading/rules.ts';
import { commonKeys, each, notRun } from './common-keys.ts';

type Keys = Readonly<Record<string, KeyRule>>;

interface Kind {
  readonly name: string;
  /** The keys that it acts by. */
  readonly acts: Keys;
}

/** A list for each kind: what it acts by, what all share, and what others act by. */
function lists<Id extends string>(
  kinds: Readonly<Record<Id, Kind>>,
  shared: ReadRules,
  others: string,
): Readonly<Record<Id, ReadRules>> {
  const all = Object.entries<Kind>(kinds);
  const foreign = Object.fromEntries(
    all.flatMap(([, { acts }]) => Object.keys(acts)).map((key) => [key, namedInVain(others)]),
  );
  return Object.fromEntries(
    all.map(([id, { name, acts }]): [string, ReadRules] => [
      id,
      {
        ...shared,
        file: `${shared.file} of ${name}`,
        keys: { ...acts, ...foreign, ...commonKeys.keys, ...shared.keys, ...acts },
      },
    ]),
  ) as Record<Id, ReadRules>;
}

const sizes = needed('sizes of the tower');
const act = needed('gelu, its approximations and silu are computed');
const vit: Keys = {
  ...each(
    'hidden_size intermediate_size num_hidden_layers num_attention_heads num_channels image_size patch_size layer_norm_eps',
    sizes,
  ),
  hidden_act: act,
};
const qwen: Keys = {
  ...each(
    'depth num_hidden_layers num_heads num_attention_heads in_channels patch_size spatial_merge_size temporal_patch_size hidden_size',
    sizes,
  ),
  hidden_act: act,
  rope_parameters: used('positions of rows and columns'),
};

const towers = {
  idefics3: { name: 'Idefics3 and SmolVLM', acts: vit },
  clip: { name: 'CLIP', acts: vit },
  siglip: { name: 'SigLIP', acts: vit },
  internvit: {
    name: 'InternVL',
    acts: {
      ...vit,
      norm_type: needed('layer and RMS norms are computed'),
      ...each(
        'attention_bias use_qk_norm use_absolute_position_embeddings use_mean_pooling',
        needed('parts of the tower'),
      ),
    },
  },
  'qwen2-vl': { name: 'Qwen2-VL', acts: { ...qwen, ...each('embed_dim mlp_ratio', sizes) } },
  'qwen2.5-vl': {
    name: 'Qwen2.5-VL',
    acts: {
      ...qwen,
      ...each('intermediate_size window_size fullatt_block_indexes out_hidden_size', sizes),
    },
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** Keys that are the same in all towers. */
export const anyTower: ReadRules = {
  file: 'config.json: vision_config',
  about: `The vision tower. ${notRun}`,
  keys: {
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

export const towerKeys = lists(
  towers,
  anyTower,
  'a key of other vision towers, which does nothing in this one',
);

const token = needed('the token that an image takes the place of');
const connector = needed('connector and features');
const imageToken: Keys = { image_token_id: token };
const llava: Keys = {
  image_token_id: used('the token that an image takes the place of; it counts before image_token_index'),
  image_token_index: token,
  ...each(
    'vision_feature_layer vision_feature_select_strategy projector_hidden_act multimodal_projector_bias',
    connector,
  ),
};

const wholes = {
  idefics3: { name: 'Idefics3 and SmolVLM', acts: { ...imageToken, scale_factor: connector } },
  llava: { name: 'LLaVA', acts: llava },
  'llava-onevision': {
    name: 'LLaVA-OneVision',
    acts: {
      ...llava,
      image_grid_pinpoints: used('sizes that an image is fitted into'),
      vision_aspect_ratio: connector,
    },
  },
  internvl: {
    name: 'InternVL',
    acts: {
      ...imageToken,
      ...each(
        'vision_feature_layer vision_feature_select_strategy projector_hidden_act downsample_ratio',
        connector,
      ),
    },
  },
  'qwen2-vl': { name: 'Qwen2-VL and Qwen2.5-VL', acts: imageToken },
} as const satisfies Readonly<Record<string, Kind>>;

/** Keys that are the same in all families. */
export const anyWhole: ReadRules = {
  file: 'config.json',
  about: `A vision-language model as a whole. ${notRun}`,
  keys: {
    ...each('text_config vision_config', used('language model and tower')),
    tie_word_embeddings: needed('whether the head is the embedding'),
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

export const wholeKeys = lists(wholes, anyWhole, 'a key of other families, which does nothing in this one');
