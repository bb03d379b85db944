import { describe, expect, it } from 'vitest';
import { compareConfigs } from './compare-configs.ts';
import { demoModel } from './testing/demo-model.ts';
import { llama, llamaNames, modelOf, type Config } from './testing/llama-model.ts';
import { qwenNames, newQwenNames } from './testing/tensor-lists.ts';
import type { Trio } from './trio.ts';

/** Three of one kind, the reasoning model (or the VLM) with other values. */
const trio = (change: Config, changed: 'lrm' | 'vlm' | 'base' = 'lrm'): Trio => {
  const of = (role: string) => modelOf(role, role === changed ? { ...llama, ...change } : llama, llamaNames);
  return { base: of('base'), vlm: of('vlm'), lrm: of('lrm') };
};
const codes = (three: Trio) => compareConfigs(three).map(({ code, severity }) => `${code} ${severity}`);

describe('values of config.json in which the models differ', () => {
  it.each<[string, Config, readonly string[]]>([
    ['another activation', { hidden_act: 'gelu' }, ['activation-differs error']],
    ['the activation, said and unsaid', { hidden_act: 'silu' }, []],
    ['another epsilon', { rms_norm_eps: 1e-6 }, ['norm-eps-differs warning']],
    ['an epsilon that is not said', { rms_norm_eps: null }, ['norm-eps-differs warning']],
    ['another size of heads', { head_dim: 64 }, ['head-dim-differs error']],
    ['the size of heads, said and unsaid', { head_dim: 128 }, []],
    ['a part that is rotated', { partial_rotary_factor: 0.5 }, ['partial-rotary-differs error']],
    [
      'scaled positions',
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      ['rope-scaling-differs warning'],
    ],
    ['positions, said and unsaid', { rope_parameters: { rope_type: 'default', rope_theta: 10_000 } }, []],
    ['scaled logits', { logits_scaling: 8 }, ['computation-differs error']],
    ['a soft cap', { final_logit_softcapping: 30 }, ['computation-differs error']],
    ['biases', { attention_bias: true }, ['bias-keys-differ warning']],
    ['biases of the MLP', { mlp_bias: true }, ['bias-keys-differ warning']],
    ['a tied head', { tie_word_embeddings: true }, ['tied-embeddings-differ info']],
    ['tokens, where more than one says them', { bos_token_id: 7, eos_token_id: [8, 9] }, []],
    ['a name of the folder', { _name_or_path: 'x', torch_dtype: 'float16' }, []],
  ])('%s', (_, change, found) => {
    expect(codes(trio(change))).toEqual(found);
  });

  it.each(['base', 'vlm', 'lrm'] as const)('are found whichever model has them: %s', (role) => {
    const [finding] = compareConfigs(trio({ hidden_act: 'relu' }, role));
    expect(finding?.message).toContain(
      `relu in the ${{ base: 'base model', vlm: 'VLM', lrm: 'reasoning model' }[role]}`,
    );
  });

  it('are tokens that two of them say', () => {
    const of = (label: string, eos: unknown) =>
      modelOf(label, { ...llama, eos_token_id: eos, pad_token_id: 0 }, llamaNames);
    expect(codes({ base: of('base', 2), vlm: of('vlm', 2), lrm: of('lrm', [2, 3]) })).toEqual([
      'eos-token-differs info',
    ]);
  });

  it('are fields of one kind of scaling, whatever their order', () => {
    const of = (label: string, rope: Config) => modelOf(label, { ...llama, rope_scaling: rope }, llamaNames);
    const [one, turned] = [
      { rope_type: 'llama3', factor: 8, low_freq_factor: 1 },
      { low_freq_factor: 1, type: 'llama3', factor: 8 },
    ];
    expect(codes({ base: of('base', one), vlm: of('vlm', turned), lrm: of('lrm', one) })).toEqual([]);
    expect(
      codes({ base: of('base', one), vlm: of('vlm', turned), lrm: of('lrm', { ...one, factor: 32 }) }),
    ).toEqual(['rope-scaling-differs warning']);
  });

  it('are windows that are in force', () => {
    const qwen2: Config = { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' };
    const of = (label: string, config: Config) => modelOf(label, { ...qwen2, ...config }, llamaNames);
    const [none, idle] = [of('base', {}), of('vlm', { sliding_window: 4096 })];
    expect(codes({ base: none, vlm: idle, lrm: none })).toEqual([]);
    expect(
      codes({ base: none, vlm: idle, lrm: of('lrm', { sliding_window: 4096, use_sliding_window: true }) }),
    ).toEqual(['sliding-window-differs warning']);
    const mistral = (label: string, window: number | null) =>
      modelOf(label, { architectures: ['MistralForCausalLM'], sliding_window: window }, llamaNames);
    expect(
      codes({ base: mistral('base', 4096), vlm: mistral('vlm', null), lrm: mistral('lrm', null) }),
    ).toEqual(['sliding-window-differs warning']);
  });

  it('are not the sections of M-RoPE, nor where a VLM has its language model', () => {
    const language: Config = {
      rope_theta: 1e6,
      rms_norm_eps: 1e-6,
      hidden_size: 8192,
      num_attention_heads: 64,
    };
    const text = (label: string) =>
      modelOf(
        label,
        { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', num_key_value_heads: 8, ...language },
        qwenNames,
      );
    const scaled = { ...language, rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] } };
    const vlm = { architectures: ['Qwen2VLForConditionalGeneration'], model_type: 'qwen2_vl' };
    for (const [config, tensors] of [
      [{ ...vlm, ...scaled }, qwenNames],
      [{ ...vlm, text_config: { model_type: 'qwen2_vl_text', ...scaled } }, newQwenNames],
    ] as const)
      expect(codes({ base: text('base'), vlm: modelOf('vlm', config, tensors), lrm: text('lrm') })).toEqual(
        [],
      );
  });

  it('are not in the demo, nor in models without a config.json', () => {
    const demo = { base: demoModel('base'), vlm: demoModel('vlm'), lrm: demoModel('lrm') };
    expect(demo.vlm.config).toBeDefined();
    expect(compareConfigs(demo).filter(({ severity }) => severity !== 'info')).toEqual([]);
    const bare = (label: string) => modelOf(label, {}, llamaNames);
    expect(
      compareConfigs({ base: bare('base'), vlm: bare('vlm'), lrm: modelOf('lrm', llama, llamaNames) }),
    ).toEqual([]);
  });
});
