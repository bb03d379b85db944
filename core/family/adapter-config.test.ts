/** Every key and every beginning of a LoRA adapter is used, harmless or refused by name. */
import { describe, expect, it } from 'vitest';
import { parseLoraConfig } from './adapter-config.ts';
import { sortAdapterTensors } from './adapter-tensors.ts';

const parse = (more: object) =>
  parseLoraConfig(
    JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, ...more }),
    'a/adapter_config.json',
  );

describe('refused, with the value and the way out', () => {
  it.each([
    [{ use_dora: true }, /use_dora is true: DoRA rescales.*merge_and_unload/],
    [{ brand_new_key: 3 }, /brand_new_key is 3: the studio does not know this key.*merge_and_unload/],
    [{ alora_invocation_tokens: [5] }, /aLoRA/],
    [{ kasa_config: { beta: 1 } }, /KaSA/],
    [{ target_parameters: ['experts.gate_up_proj'] }, /no linear layers/],
    [{ init_lora_weights: 'loftq' }, /LoftQ quantised the base.*path_initial_model_for_weight_conversion/],
    [{ init_lora_weights: 'pissa_niter_16' }, /PiSSA by a fast decomposition/],
    [{ init_lora_weights: 'corda' }, /CorDA/],
    [{ init_lora_weights: 'lora_ga' }, /LoRA-GA/],
    [{ init_lora_weights: 'from_the_future' }, /does not know whether such a beginning changes the base/],
    [{ init_lora_weights: 'constructor' }, /does not know whether/],
    [{ init_lora_weights: 3 }, /does not know whether/],
    [{ use_rslora: 'yes' }, /use_rslora must be true or false/],
    [{ rank_pattern: [1] }, /rank_pattern must be an object/],
    [{ trainable_token_indices: [-1] }, /lists of token ids/],
    [{ peft_type: 'LOHA' }, /type "LOHA".*merge_and_unload/],
    [{ peft_type: 'PREFIX_TUNING' }, /acts on the prompt.*cannot be merged/],
    [{ peft_type: undefined }, /no peft_type.*mlx_lm\.fuse/],
  ])('%j', (more, message) => {
    expect(() => parse(more)).toThrow(message);
  });
});

it.each([
  [{}, 'none'],
  [{ init_lora_weights: true }, 'none'],
  [{ init_lora_weights: 'Gaussian' }, 'none'],
  [{ init_lora_weights: 'mica' }, 'none'],
  [{ init_lora_weights: 'pissa' }, 'pissa'],
  [{ init_lora_weights: 'OLoRA' }, 'olora'],
])('%j took %s out of the base', (more, expected) => {
  expect(parse(more).takenOut).toBe(expected);
});

it('a key that is not known and says nothing is harmless', () => {
  expect(parse({ new_flag: false, new_list: [], new_config: null }).scaling('q_proj', 2)).toBe(2);
});

describe('names of tensors', () => {
  const q = 'base_model.model.model.layers.0.self_attn.q_proj';
  it('are factors, whole tensors or rows', () => {
    const names = [
      `${q}.lora_A.weight`,
      `${q}.lora_B.default.weight`,
      'base_model.model.model.embed_tokens.lora_embedding_A',
      'base_model.model.lm_head.base_layer.weight',
      'base_model.model.model.norm.modules_to_save.weight',
      'base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta',
    ];
    const { factors, whole, rows } = sortAdapterTensors(names, 'f');
    expect(factors.map(({ module }) => module)).toEqual([
      'model.layers.0.self_attn.q_proj',
      'model.embed_tokens',
    ]);
    expect(whole.map(({ name }) => name)).toEqual(['lm_head.weight', 'model.norm.weight']);
    expect(rows.map(({ name }) => name)).toEqual(['model.embed_tokens.weight']);
  });

  it.each([
    ['lora_unet_down_blocks_0_attentions_0.lora_down.weight', /image generation/],
    ['model.layers.0.self_attn.q_proj.lora_a', /mlx_lm\.fuse/],
    [`${q}.lora_magnitude_vector`, /DoRA/],
    [`${q}.lora_B.bias`, /bias of a LoRA factor/],
    [`${q}.lora_A.other.weight`, /second adapter/],
    [`${q}.hada_w1_a`, /no LoRA/],
    [`${q}.lora_diag`, /no kind that the studio knows/],
  ])('%s is refused by name', (name, message) => {
    expect(() => sortAdapterTensors([name], 'f')).toThrow(message);
  });

  it('two names for one factor are refused', () => {
    expect(() => sortAdapterTensors([`${q}.lora_A.weight`, `${q}.lora_A.default.weight`], 'f')).toThrow(
      /are both for/,
    );
  });
});
