import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configFindings } from './config-findings.ts';
import { readModelSpec } from './read-spec.ts';

type Config = Readonly<Record<string, unknown>>;
const root = new URL('../../', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const written = read('zoo/reference/family/keys.json') as {
  readonly configs: Readonly<Record<string, Config>>;
};
const folders = ['public/models/demo', 'zoo/reference/nn', 'zoo/reference/vlm', 'zoo/reference/methods']
  .flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root)).map((name) => `${folder}/${name}/config.json`),
  )
  .filter((path) => existsSync(new URL(path, root)));

const llama: Config = { architectures: ['LlamaForCausalLM'], model_type: 'llama' };
const smolVlm: Config = {
  architectures: ['Idefics3ForConditionalGeneration'],
  image_token_id: 49190,
  initializer_range: 0.02,
  model_type: 'idefics3',
  scale_factor: 4,
  tie_word_embeddings: false,
  'transformers.js_config': { kv_cache_dtype: { fp16: 'float16' } },
  use_cache: true,
  use_reentrant_checkpointing: false,
  text_config: {
    _flash_attn_2_enabled: true,
    _name_or_path: 'x',
    architectures: ['VLlama3ForCausalLM'],
    head_dim: 64,
    hidden_size: 576,
    is_llama_config: true,
    model_type: 'llama',
    neftune_noise_alpha: 0.0,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    perceiver_config: { resampler_depth: 6 },
    pixel_shuffle_factor: 4,
    qk_layer_norms: false,
    rope_interleaved: false,
    rope_theta: 100000,
    torch_dtype: 'bfloat16',
    use_resampler: false,
  },
  vision_config: {
    hidden_size: 768,
    max_image_size: { longest_edge: 512 },
    model_type: 'idefics3',
    num_attention_heads: 12,
    size: { longest_edge: 2048 },
    tie_word_embeddings: false,
    use_base_siglip: false,
  },
};
const qwenVl: Config = {
  architectures: ['Qwen2VLForConditionalGeneration'],
  attention_dropout: 0,
  bos_token_id: 151643,
  hidden_act: 'silu',
  hidden_size: 1536,
  image_token_id: 151655,
  max_window_layers: 28,
  model_type: 'qwen2_vl',
  rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] },
  sliding_window: 32768,
  use_sliding_window: false,
  video_token_id: 151656,
  vision_start_token_id: 151652,
  vision_config: { depth: 32, embed_dim: 1280, in_chans: 3, spatial_patch_size: 14, mlp_ratio: 4 },
};

describe('config.json is read key by key', () => {
  it('nothing is said of what transformers writes, nor of the models in this repository', () => {
    expect(folders.length).toBeGreaterThan(14);
    const configs: [string, unknown][] = [
      ...Object.entries(written.configs),
      ...folders.map((path): [string, unknown] => [path, read(path)]),
      ['as SmolVLM is published', smolVlm],
      ['as Qwen2-VL is published', qwenVl],
    ];
    const said = configs.flatMap(([name, config]) =>
      configFindings(config, 'm').map(({ message }) => `${name}: ${message}`),
    );
    expect(said).toEqual([]);
  });

  it.each<[string, Config, string]>([
    ['at the top', { ...llama, residual_scale_of_mine: 2 }, 'residual_scale_of_mine'],
    ['in text_config', { ...smolVlm, text_config: { softer: true } }, 'text_config.softer'],
    ['in vision_config', { ...smolVlm, vision_config: { windows: 7 } }, 'vision_config.windows'],
    ['in a VLM', { ...smolVlm, tiles: 7 }, 'tiles'],
    ['beside the language model’s keys in a VLM', { ...qwenVl, tiles: 7 }, 'tiles'],
    ['of positions', { ...llama, rope_scaling: { rope_type: 'default', tilt: 2 } }, 'rope_scaling.tilt'],
    ['that objects inherit', { ...llama, constructor: 1 }, 'constructor'],
  ])('a key that is not known, %s, is named', (_, config, place) => {
    expect(configFindings(config, 'm')).toMatchObject([
      {
        code: 'config-keys-unknown',
        severity: 'info',
        message: `config.json of m has a key that is not known here: ${place}.`,
      },
    ]);
  });

  it.each<[Config, string]>([
    [{ repetition_penalty: 1.3 }, 'repetition_penalty (a setting of generation'],
    [{ encoder_no_repeat_ngram_size: 1 }, 'encoder_no_repeat_ngram_size (a setting of generation'],
    [{ exponential_decay_length_penalty: [0, 50] }, 'exponential_decay_length_penalty (a setting of'],
    [{ sequence_bias: [[[20], -10]] }, 'sequence_bias (a setting of generation'],
    [{ min_new_tokens: 4 }, 'min_new_tokens (a setting of generation'],
    [{ auto_map: { AutoModel: 'modeling_x.X' } }, 'auto_map (names Python code'],
    [
      { dual_chunk_attention_config: { chunk_size: 262144 } },
      'dual_chunk_attention_config (another attention',
    ],
    [{ num_nextn_predict_layers: 1 }, 'num_nextn_predict_layers (layers that predict further tokens'],
  ])('a key that is known and not heeded is warned of: %j', (more, said) => {
    const [finding, ...others] = configFindings({ ...llama, ...more }, 'm');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'config-keys-not-heeded', severity: 'warning' });
    expect(finding?.message).toContain(`asks for what is not done here: ${said}`);
  });

  it('settings of generation of old files that ask for nothing are passed over', () => {
    const idle = { encoder_no_repeat_ngram_size: 0, exponential_decay_length_penalty: null, num_beams: 1 };
    expect(configFindings({ ...llama, ...idle, bad_words_ids: null, min_length: 0 }, 'm')).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    ['LlavaConfig', 'vision_config', ['depth', 'num_heads', 'norm_type']],
    ['LlavaOnevisionConfig', 'vision_config', ['in_channels', 'use_qk_norm']],
    ['InternVLConfig', 'vision_config', ['mlp_ratio', 'window_size']],
    ['SmolVLMConfig', 'vision_config', ['embed_dim', 'attention_bias']],
    ['Qwen2VLConfig', 'vision_config', ['image_size', 'out_hidden_size', 'intermediate_size']],
    ['Qwen2_5_VLConfig', 'vision_config', ['mlp_ratio', 'num_channels']],
    ['InternVLConfig', '', ['image_token_index', 'scale_factor']],
    ['Idefics3Config', '', ['image_token_index', 'vision_feature_layer']],
    ['Qwen2VLConfig', '', ['image_token_index', 'image_grid_pinpoints']],
    ['LlavaConfig', '', ['downsample_ratio', 'vision_aspect_ratio']],
  ])('a key that only others act by is named, and asks for nothing: %s %s %j', (name, part, keys) => {
    const config = written.configs[name] as Config;
    const more = Object.fromEntries(keys.map((key) => [key, 1]));
    const changed = part === '' ? more : { [part]: { ...(config[part] as Config), ...more } };
    const [finding, ...others] = configFindings({ ...config, ...changed }, 'm');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'config-keys-of-others', severity: 'info' });
    expect(finding?.remedy).toMatch(/^Nothing to do, unless it was meant/);
    for (const key of keys)
      expect(finding?.message).toContain(
        `${part && `${part}.`}${key} (a key of other ${part ? 'vision towers' : 'families'}, which does nothing in this one)`,
      );
  });

  it('keys that a Qwen2.5-VL repeats from its text_config say nothing, unless they differ', () => {
    const of = (more: Config) => configFindings({ ...written.configs['Qwen2_5_VLConfig'], ...more }, 'm');
    const inner = (written.configs['Qwen2_5_VLConfig'] as Config)['text_config'] as Config;
    const keys = ['intermediate_size', 'num_hidden_layers', 'rope_parameters', 'layer_types', 'use_cache'];
    const repeated = Object.fromEntries(keys.filter((key) => key in inner).map((key) => [key, inner[key]]));
    expect(Object.keys(repeated).length).toBeGreaterThan(3);
    expect(of(repeated)).toEqual([]);
    expect(of({ ...repeated, num_hidden_layers: 3, softer: 1 }).map(({ message }) => message)).toEqual([
      expect.stringMatching(/has 2 keys that are not known here: num_hidden_layers, softer\.$/),
    ]);
    const { message } = configFindings(
      { ...written.configs['LlavaConfig'], num_hidden_layers: 32 },
      'm',
    )[0] ?? { message: '' };
    expect(message).toContain('num_hidden_layers');
  });

  it('where the language model’s keys stand at the top, those of both lists are named once', () => {
    const more = { repetition_penalty: 1.3, num_nextn_predict_layers: 1, scale_factor: 2, tiles: 7 };
    expect(configFindings({ ...qwenVl, ...more }, 'm').map(({ message }) => message)).toEqual([
      'config.json of m asks for what is not done here: repetition_penalty (a setting of generation, which transformers may take from here), num_nextn_predict_layers (layers that predict further tokens, which are not computed).',
      'config.json of m has what only other models act by: scale_factor (a key of other families, which does nothing in this one).',
      'config.json of m has a key that is not known here: tiles.',
    ]);
  });

  it('no more than twelve keys are listed, and architectures that are not run say nothing', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`odd_${i}`, i]));
    expect(configFindings({ ...llama, ...many }, 'm')[0]?.message).toMatch(/40 keys .*odd_11 and 28 more\.$/);
    expect(configFindings({ architectures: ['PhiForCausalLM'], ...many }, 'm')).toEqual([]);
    for (const odd of [null, 3, [], { architectures: 'x' }, { architectures: [] }])
      expect(configFindings(odd, 'm')).toEqual([]);
  });
});

describe('a key that asks for another computation keeps the model from being run, by name', () => {
  const reasonOf = (config: Config): string => {
    const spec = readModelSpec(config, []);
    return spec.kind === 'unknown' ? spec.reason : 'can be run';
  };

  it.each<[Config, string]>([
    [{ logit_scale: 0.0625 }, 'scaling of embeddings, attention, residuals or logits (logit_scale 0.0625)'],
    [{ embedding_multiplier: 12 }, '(embedding_multiplier 12)'],
    [{ attention_multiplier: 0.0078 }, '(attention_multiplier 0.0078)'],
    [{ residual_multiplier: 0.22 }, '(residual_multiplier 0.22)'],
    [{ final_logit_softcapping: 30 }, 'bound on logits or attention (soft cap) (final_logit_softcapping 30)'],
    [{ attn_logit_softcapping: 50 }, '(attn_logit_softcapping 50)'],
    [{ query_pre_attn_scalar: 256 }, 'scale of attention (query_pre_attn_scalar 256)'],
    [{ no_rope_layers: [1, 1, 1, 0] }, 'leaving out of rotary embeddings'],
    [{ layer_types: ['full_attention', 'sliding_attention'] }, 'kind of layer "sliding_attention"'],
    [{ rope_interleaved: true }, 'interleaved rotary embedding (rope_interleaved true)'],
    [{ rope_scaling: { rope_type: 'default', mrope_interleaved: true } }, '(mrope_interleaved true)'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'position scaling (rope type yarn)'],
    [{ partial_rotary_factor: 0.5 }, 'partial rotary embedding (0.5 of each head)'],
    [{ rotary_pct: 0.25 }, 'partial rotary embedding (rotary_pct 0.25)'],
    [{ use_qk_norm: true }, 'norm of queries and keys'],
    [{ num_local_experts: 8 }, 'mixture of experts (num_local_experts 8)'],
    [{ pruned_heads: { 0: [1] } }, 'number of heads that were removed'],
  ])('%j', (more, reason) => {
    const said = reasonOf({ ...llama, ...more });
    expect(said).toContain('LlamaForCausalLM cannot be run: its ');
    expect(said).toContain(reason);
    expect(said).toMatch(/is not computed here; it can still be decomposed, merged and exported\.$/);
    const inner = { ...smolVlm, text_config: { ...(smolVlm['text_config'] as Config), ...more } };
    expect(reasonOf(inner)).toContain(`Idefics3ForConditionalGeneration cannot be run: its `);
    expect(reasonOf(inner)).toContain(reason);
  });

  it.each<[Config, string]>([
    [{ vision_config: { deepstack_visual_indexes: [5, 11] } }, 'way of feeding several layers (DeepStack)'],
    [{ use_image_newline_parameter: false }, 'leaving out of the newline'],
  ])('outside the language model: %j', (more, reason) => {
    expect(reasonOf({ ...smolVlm, ...more })).toContain(reason);
  });

  it.each<[string, string | null, string]>([
    ['LlamaConfig', null, 'rms_norm_eps'],
    ['Qwen2Config', null, 'hidden_act'],
    ['LlavaConfig', 'text_config', 'hidden_size'],
    ['LlavaConfig', 'vision_config', 'patch_size'],
    ['LlavaConfig', null, 'vision_feature_layer'],
    ['LlavaConfig', null, 'image_token_index'],
    ['LlavaOnevisionConfig', null, 'vision_aspect_ratio'],
    ['InternVLConfig', 'vision_config', 'use_mean_pooling'],
    ['InternVLConfig', null, 'downsample_ratio'],
    ['SmolVLMConfig', null, 'scale_factor'],
    ['Qwen2VLConfig', 'vision_config', 'num_attention_heads'],
    ['Qwen2_5_VLConfig', null, 'image_token_id'],
  ])('so does null where transformers refuses it: %s %s %s', (name, part, key) => {
    const config = written.configs[name] as Config;
    const changed =
      part === null ? { [key]: null } : { [part]: { ...(config[part] as Config), [key]: null } };
    expect(reasonOf({ ...config, ...changed })).toContain(
      `its ${key} of null, which transformers refuses as well, is not computed here; it can still be`,
    );
  });

  it('but not where transformers has a default for null', () => {
    const llava = written.configs['LlavaConfig'] as Config;
    for (const more of [{ image_token_id: null }, { text_config: null }, { downsample_ratio: null }])
      expect(reasonOf({ ...llava, ...more })).not.toContain('null');
    expect(reasonOf({ ...llama, head_dim: null, num_key_value_heads: null })).not.toContain('null');
  });

  it('with a value that changes nothing it does not', () => {
    const idle = {
      logit_scale: 1,
      rope_interleaved: false,
      partial_rotary_factor: 1,
      final_logit_softcapping: null,
      layer_types: ['full_attention'],
      num_local_experts: 0,
    };
    expect(reasonOf({ ...llama, ...idle })).toContain('it has no tensor model.embed_tokens.weight');
    expect(configFindings({ ...llama, ...idle }, 'm')).toEqual([]);
  });
});
