import { describe, expect, it } from 'vitest';
import { demoModel } from './testing/demo-model.ts';
import { llava, llavaNames } from './testing/tensor-lists.ts';
import { readModelSpec } from './read-spec.ts';
import { tensorsBeside, unusedTensors } from './unused-tensors.ts';

const layer = (number: number): string[] =>
  [
    'input_layernorm',
    'post_attention_layernorm',
    ...['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`),
    ...['gate', 'up', 'down'].map((name) => `mlp.${name}_proj`),
  ].map((name) => `model.layers.${number}.${name}.weight`);
const names = ['model.embed_tokens.weight', 'model.norm.weight', 'lm_head.weight', ...layer(0)];
const bias = (name: string) => `model.layers.0.${name}.bias`;
const attention = ['q', 'k', 'v', 'o'].map((name) => bias(`self_attn.${name}_proj`));

const llama = { architectures: ['LlamaForCausalLM'], num_hidden_layers: 1 };
const qwen2 = { architectures: ['Qwen2ForCausalLM'], num_hidden_layers: 1 };
const qwen3 = { architectures: ['Qwen3ForCausalLM'], num_hidden_layers: 1 };

const found = (config: object, all: readonly string[]) => unusedTensors('m', readModelSpec(config, all), all);

describe('tensors that the model of config.json has no place for', () => {
  it.each<[string, object, readonly string[], readonly string[]]>([
    ['attention_bias is false', { ...llama, attention_bias: false }, attention, attention],
    ['attention_bias is absent', llama, attention.slice(0, 1), attention.slice(0, 1)],
    [
      'mlp_bias is false beside attention_bias',
      { ...llama, attention_bias: true, mlp_bias: false },
      [...attention, bias('mlp.up_proj')],
      [bias('mlp.up_proj')],
    ],
    ['Qwen2 has none on o_proj', { ...qwen2, attention_bias: true }, attention, attention.slice(3)],
  ])('names biases as an error: %s', (_, config, added, unused) => {
    expect(found(config, [...names, ...added])).toMatchObject([
      { code: 'biases-not-used', severity: 'error', tensors: unused },
    ]);
  });

  it('names biases and other tensors outside the layers', () => {
    const beside = ['model.norm.bias', 'lm_head.bias'];
    expect(found(llama, [...names, ...beside])).toMatchObject([{ code: 'biases-not-used', tensors: beside }]);
    const strangers = ['model.embed_positions.weight', 'model.model.norm.weight', 'v_head.weight'];
    const all = [...names, ...beside, ...strangers, 'model.rotary_emb.inv_freq'];
    expect(tensorsBeside('m', readModelSpec(llama, all), all)).toMatchObject([
      { code: 'tensors-not-used', severity: 'warning', tensors: strangers },
    ]);
    expect(tensorsBeside('m', readModelSpec(llama, names), names)).toEqual([]);
  });

  it('names those of a connector that has none', () => {
    const connector = 'multi_modal_projector.linear_1.bias';
    const all = [...llavaNames, connector];
    expect(found(llava, all)).toEqual([]);
    expect(found({ ...llava, multimodal_projector_bias: false }, all)).toMatchObject([
      { code: 'biases-not-used', tensors: [connector] },
    ]);
  });

  it('says nothing of those that config.json asks for, nor of what older versions left', () => {
    expect(
      found({ ...llama, attention_bias: true, mlp_bias: true }, [
        ...names,
        ...attention,
        ...['gate', 'up', 'down'].map((name) => bias(`mlp.${name}_proj`)),
        'model.layers.0.self_attn.rotary_emb.inv_freq',
      ]),
    ).toEqual([]);
  });

  it('names norms of queries and keys that the architecture lacks, and says nothing where it has them', () => {
    const norms = ['q', 'k'].map((name) => `model.layers.0.self_attn.${name}_norm.weight`);
    expect(found(llama, [...names, ...norms])).toMatchObject([
      { code: 'layer-tensors-not-used', severity: 'error', tensors: norms },
    ]);
    expect(found(qwen3, [...names, ...norms])).toEqual([]);
  });

  it('names layers beyond those of config.json', () => {
    expect(found(llama, [...names, ...layer(1)])).toMatchObject([
      { code: 'layers-beyond-config', severity: 'error', tensors: layer(1) },
    ]);
  });

  it('names biases that config.json asks for and no file holds', () => {
    expect(found(qwen2, names)).toMatchObject([
      { code: 'biases-missing', severity: 'warning', tensors: attention.slice(0, 3) },
    ]);
  });

  it('says nothing of models that are not run, nor of the demo', () => {
    expect(found({ architectures: ['X'] }, [...names, ...attention])).toEqual([]);
    for (const role of ['base', 'vlm', 'lrm']) {
      const { spec, tensors } = demoModel(role);
      expect(spec.kind).not.toBe('unknown');
      expect(unusedTensors(role, spec, tensors.keys())).toEqual([]);
    }
  });
});
