import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SlotInfo } from '../../protocol/session.ts';
import { StudioError } from '../errors.ts';
import { parseHeader } from '../safetensors/header.ts';
import type { ModelSpec } from './model-spec.ts';
import { pairModels } from './pair-models.ts';
import type { PairedModel, PairedTensor } from './trio.ts';
import { readModelSpec } from './read-spec.ts';
import { linearName, tensorPart } from './tensor-names.ts';

const textNames = [
  'model.embed_tokens.weight',
  'model.norm.weight',
  'model.layers.0.self_attn.q_proj.weight',
  'lm_head.weight',
];
const visionNames = [
  'model.text_model.embed_tokens.weight',
  'model.text_model.norm.weight',
  'model.text_model.layers.0.self_attn.q_proj.weight',
  'lm_head.weight',
  'model.connector.modality_projection.proj.weight',
  'model.vision_model.embeddings.patch_embedding.weight',
  'language_model.model.embed_tokens.weight',
  'language_model.model.norm.weight',
  'language_model.model.layers.0.self_attn.q_proj.weight',
  'vision_tower.embeddings.patch_embedding.weight',
  'vision_tower.embeddings.patch_embeddings.projection.weight',
  'multi_modal_projector.linear_1.weight',
  'image_newline',
];

const demo = (role: string): PairedModel => {
  const folder = new URL(`../../public/models/demo/${role}/`, import.meta.url);
  const file = readFileSync(new URL('model.safetensors', folder));
  const { tensors } = parseHeader(file, file.length, role);
  const config: unknown = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8'));
  return {
    label: role,
    spec: readModelSpec(
      config,
      tensors.map(({ name }) => name),
    ),
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
};

describe('readModelSpec agrees with transformers', () => {
  interface Case {
    readonly name: string;
    readonly config: { readonly architectures: string[] };
    readonly expected: Partial<ModelSpec>;
  }
  const { cases } = JSON.parse(
    readFileSync(new URL('../../zoo/reference/family/configs.json', import.meta.url), 'utf8'),
  ) as { cases: Case[] };

  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, { config, expected }) => {
    const spec = readModelSpec(config, 'vision' in expected ? visionNames : textNames);
    expect(spec).toMatchObject(expected);
    expect(spec.architecture).toBe(config.architectures[0]);
  });

  it('and on biases and QK norms, by what their modelling code has', () => {
    const flags = (config: Record<string, unknown>) => {
      const spec = readModelSpec(config, textNames);
      if (spec.kind !== 'text') throw new Error(spec.kind);
      const { qkvBias, outputBias, mlpBias, qkNorm } = spec.text;
      return { qkvBias, outputBias, mlpBias, qkNorm };
    };
    expect(flags({ architectures: ['LlamaForCausalLM'] })).toEqual({
      qkvBias: false,
      outputBias: false,
      mlpBias: false,
      qkNorm: false,
    });
    expect(flags({ architectures: ['LlamaForCausalLM'], attention_bias: true, mlp_bias: true })).toEqual({
      qkvBias: true,
      outputBias: true,
      mlpBias: true,
      qkNorm: false,
    });
    expect(flags({ architectures: ['Qwen2ForCausalLM'] })).toEqual({
      qkvBias: true,
      outputBias: false,
      mlpBias: false,
      qkNorm: false,
    });
    expect(flags({ architectures: ['Qwen3ForCausalLM'] })).toEqual({
      qkvBias: false,
      outputBias: false,
      mlpBias: false,
      qkNorm: true,
    });
  });
});

describe('readModelSpec', () => {
  const llama = { architectures: ['LlamaForCausalLM'] };

  it('finds where the tensors are', () => {
    expect(demo('base').spec).toMatchObject({
      kind: 'text',
      names: {
        layers: 'model.layers.',
        embedding: 'model.embed_tokens.weight',
        finalNorm: 'model.norm.weight',
        head: 'lm_head.weight',
      },
    });
    expect(demo('vlm').spec).toMatchObject({
      kind: 'vlm',
      tokensPerTile: 16,
      names: {
        layers: 'model.text_model.layers.',
        vision: 'model.vision_model.',
        connector: 'model.connector.',
      },
    });
    expect(readModelSpec({ ...llama, tie_word_embeddings: true }, textNames.slice(0, 3))).toMatchObject({
      kind: 'text',
      names: { head: null },
    });
  });

  it.each<[string, Record<string, unknown>, readonly string[], RegExp]>([
    [
      'another architecture',
      {
        architectures: ['Qwen2_5_VLForConditionalGeneration'],
        rope_parameters: { full: { rope_theta: 1 } },
        num_attention_heads: [1, 2],
      },
      textNames,
      /Qwen2_5_VLForConditionalGeneration cannot be run: .*rotary positions.*M-RoPE.*can still be decomposed, merged and exported/,
    ],
    [
      'an unknown architecture',
      { architectures: ['MolmoForCausalLM'] },
      textNames,
      /cannot run the architecture MolmoForCausalLM/,
    ],
    ['none at all', {}, textNames, /architecture unknown/],
    ['a name from the prototype', { architectures: ['constructor'] }, textNames, /architecture constructor/],
    [
      'scaled positions',
      { ...llama, rope_scaling: { rope_type: 'llama3', factor: 8 } },
      textNames,
      /rope type llama3/,
    ],
    [
      'scaled positions, old key',
      { ...llama, rope_scaling: { type: 'yarn', factor: 4 } },
      textNames,
      /rope type yarn/,
    ],
    [
      'a sliding window',
      { architectures: ['Qwen2ForCausalLM'], use_sliding_window: true },
      textNames,
      /sliding-window/,
    ],
    ['another activation', { ...llama, hidden_act: 'gelu' }, textNames, /activation gelu/],
    ['a head that is neither stored nor tied', llama, textNames.slice(0, 3), /no tensor lm_head\.weight/],
    [
      'a VLM on another language model',
      { architectures: ['Idefics3ForConditionalGeneration'], text_config: { model_type: 'mistral' } },
      visionNames,
      /of type mistral/,
    ],
    [
      'a VLM without its tower',
      { architectures: ['Idefics3ForConditionalGeneration'], vision_config: { patch_size: 16 } },
      visionNames.slice(0, 5),
      /no tensor model\.vision_model/,
    ],
  ])('of %s gives a reason rather than an error', (_, config, names, reason) => {
    const spec = readModelSpec(config, names);
    expect(spec.kind).toBe('unknown');
    expect(spec.kind === 'unknown' && spec.reason).toMatch(reason);
  });

  it.each<[unknown, RegExp]>([
    [null, /must be an object/],
    [[], /must be an object/],
    [{ architectures: 'LlamaForCausalLM' }, /architectures must be a list/],
    [{ ...llama, hidden_size: '576' }, /hidden_size must be a whole number from 1 to \d+, not "576"/],
    [{ ...llama, hidden_size: 0 }, /hidden_size/],
    [{ ...llama, hidden_size: 1e300 }, /hidden_size/],
    [
      { ...llama, hidden_size: 100, num_attention_heads: 3 },
      /hidden_size must be a multiple of num_attention_heads \(3\), not 100/,
    ],
    [{ ...llama, num_attention_heads: 4, num_key_value_heads: 3 }, /num_key_value_heads must be a divisor/],
    [{ ...llama, head_dim: 7 }, /head_dim must be even/],
    [{ ...llama, rms_norm_eps: -1 }, /rms_norm_eps/],
    [{ ...llama, rope_parameters: 3 }, /rope_parameters must be an object/],
    [{ ...llama, rope_theta: 'x' }, /rope_theta must be a number/],
    [{ ...llama, tie_word_embeddings: 'yes' }, /tie_word_embeddings must be true or false/],
    [{ ...llama, eos_token_id: [1, -1] }, /eos_token_id must be a token id/],
    [
      { architectures: ['Idefics3ForConditionalGeneration'], text_config: { hidden_size: 1.5 } },
      /text_config\.hidden_size/,
    ],
    [
      {
        architectures: ['Idefics3ForConditionalGeneration'],
        vision_config: { image_size: null, patch_size: 'a' },
      },
      /vision_config\.patch_size/,
    ],
  ])('refuses %j', (config, message) => {
    const read = () => readModelSpec(config, visionNames);
    expect(read).toThrow(StudioError);
    expect(read).toThrow(message);
  });

  it('never throws anything else', () => {
    const keys = [
      'hidden_size',
      'num_attention_heads',
      'num_key_value_heads',
      'rope_parameters',
      'rope_scaling',
      'text_config',
      'vision_config',
      'eos_token_id',
      'hidden_act',
      'scale_factor',
    ];
    const architectures = fc.constantFrom(
      'LlamaForCausalLM',
      'Qwen3ForCausalLM',
      'Idefics3ForConditionalGeneration',
      'Other',
    );
    fc.assert(
      fc.property(
        architectures,
        fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
        (architecture, config) => {
          try {
            readModelSpec({ architectures: [architecture], ...config }, [...textNames, ...visionNames]);
          } catch (error) {
            expect(error).toBeInstanceOf(StudioError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('tensor names', () => {
  it.each([
    'model.layers.3.',
    'layers.3.',
    'model.text_model.layers.3.',
    'text_model.layers.3.',
    'model.language_model.layers.3.',
    'language_model.model.layers.3.',
    'language_model.layers.3.',
    'model.language_model.model.layers.3.',
  ])('of a language model under %s', (prefix) => {
    expect(linearName(`${prefix}self_attn.q_proj.weight`)).toEqual({
      id: 'layers.3.self_attn.q_proj',
      layer: 3,
      kind: 'q',
    });
    expect(linearName(`${prefix}mlp.down_proj.weight`)).toEqual({
      id: 'layers.3.mlp.down_proj',
      layer: 3,
      kind: 'down',
    });
    expect(linearName(`${prefix}self_attn.qkv_proj.weight`)).toEqual({
      id: 'layers.3.self_attn.qkv_proj',
      layer: 3,
      kind: 'other',
    });
    for (const other of [
      'self_attn.q_proj.bias',
      'input_layernorm.weight',
      'self_attn.q_norm.weight',
      'mlp.gate.weight',
    ])
      expect(linearName(prefix + other)).toBeNull();
    expect(tensorPart(`${prefix}input_layernorm.weight`)).toBe('text');
  });

  it('of nanoVLM', () => {
    expect(linearName('decoder.blocks.12.attn.out_proj.weight')).toEqual({
      id: 'layers.12.self_attn.o_proj',
      layer: 12,
      kind: 'o',
    });
    expect(linearName('decoder.blocks.12.mlp.up_proj.weight')).toEqual({
      id: 'layers.12.mlp.up_proj',
      layer: 12,
      kind: 'up',
    });
  });

  it.each([
    'model.vision_model.encoder.layers.0.self_attn.q_proj.weight',
    'vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.weight',
    'model.vision_tower.layers.0.self_attn.q_proj.weight',
    'visual.blocks.0.attn.qkv.weight',
    'model.connector.modality_projection.proj.weight',
    'multi_modal_projector.linear_1.weight',
  ])('of a tower or connector, %s, never match', (name) => {
    expect(linearName(name)).toBeNull();
    expect(tensorPart(name)).toBe('vision');
  });
});

describe('pairModels', () => {
  const tensor = (name: string, shape: readonly number[], dtype = 'F16'): PairedTensor => ({
    name,
    shape,
    dtype,
  });
  const model = (
    label: string,
    tensors: readonly PairedTensor[],
    config: Record<string, unknown> = {},
  ): PairedModel => ({
    label,
    spec: readModelSpec({ architectures: [`${label}Architecture`], ...config }, []),
    tensors: new Map(tensors.map((one) => [one.name, one])),
  });
  const q = (prefix: string, shape: readonly number[] = [8, 4], dtype = 'F16') =>
    tensor(`${prefix}layers.0.self_attn.q_proj.weight`, shape, dtype);
  const up = (prefix: string, shape: readonly number[] = [12, 4], dtype = 'F16') =>
    tensor(`${prefix}layers.0.mlp.up_proj.weight`, shape, dtype);
  const codes = (trio: Parameters<typeof pairModels>[0]) =>
    pairModels(trio).report.findings.map(({ code }) => code);

  it('pairs the demo trio: 4 layers of 7, in order, nothing left open', () => {
    const { slots, layout, report } = pairModels({ base: demo('base'), vlm: demo('vlm'), lrm: demo('lrm') });
    const forProtocol: readonly SlotInfo[] = slots;
    expect(forProtocol.length).toBe(28);
    expect(slots.slice(0, 8).map(({ id }) => id)).toEqual([
      ...[
        'self_attn.q_proj',
        'self_attn.k_proj',
        'self_attn.v_proj',
        'self_attn.o_proj',
        'mlp.gate_proj',
        'mlp.up_proj',
        'mlp.down_proj',
      ].map((part) => `layers.0.${part}`),
      'layers.1.self_attn.q_proj',
    ]);
    expect(slots[6]).toMatchObject({
      layer: 0,
      kind: 'down',
      shape: [128, 352],
      rank: 128,
      tensors: {
        base: 'model.layers.0.mlp.down_proj.weight',
        vlm: 'model.text_model.layers.0.mlp.down_proj.weight',
      },
    });
    expect(layout).toMatchObject({ size: 28 * 128 });
    expect(layout.slots.map(({ id }) => id)).toEqual(slots.map(({ id }) => id));
    expect(report.matched).toBe(28);
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.findings.map(({ code }) => code)).toEqual([
      'norms-and-biases-kept',
      'vision-and-connector-kept',
    ]);
    const tower = report.findings.find(({ code }) => code === 'vision-and-connector-kept');
    expect(tower?.message).toMatch(/vision tower \(53 tensors\) and connector \(1\)/);
  });

  it('every tensor of the VLM is either merged or in a finding that says it stays', () => {
    const vlm = demo('vlm');
    const { slots, report } = pairModels({ base: demo('base'), vlm, lrm: demo('lrm') });
    const accounted = new Set([
      ...slots.map(({ tensors }) => tensors.vlm),
      ...report.findings.flatMap(({ tensors }) => tensors),
      'lm_head.weight',
      'model.text_model.embed_tokens.weight',
    ]);
    expect([...vlm.tensors.keys()].filter((name) => !accounted.has(name))).toEqual([]);
  });

  it('reports what does not fit and merges the rest', () => {
    const base = model('base', [
      q('model.'),
      up('model.'),
      tensor('model.layers.1.mlp.up_proj.weight', [12, 4]),
    ]);
    const vlm = model('vlm', [
      q('model.text_model.'),
      up('model.text_model.'),
      tensor('model.text_model.layers.2.mlp.up_proj.weight', [12, 4]),
      tensor('model.vision_model.x', [1]),
    ]);
    const { slots, report } = pairModels({
      base,
      vlm,
      lrm: model('lrm', [q('model.'), up('model.', [14, 4])]),
    });
    expect(slots.map(({ id }) => id)).toEqual(['layers.0.self_attn.q_proj']);
    expect(
      report.findings
        .filter(({ severity }) => severity === 'warning')
        .map(({ code, tensors }) => [code, tensors]),
    ).toEqual([
      ['unmatched-in-base', ['model.text_model.layers.2.mlp.up_proj.weight']],
      ['unmatched-in-lrm', ['model.text_model.layers.2.mlp.up_proj.weight']],
      ['shape-differs', ['model.text_model.layers.0.mlp.up_proj.weight']],
      ['unmatched-in-vlm-from-base', ['model.layers.1.mlp.up_proj.weight']],
    ]);
    for (const { message, remedy } of report.findings) expect(`${message} ${remedy}`).toMatch(/\.$/);
  });

  it('reports vocabularies, heads, formats, positions, biases and quantised layers', () => {
    const base = model('base', [q('model.'), up('model.'), tensor('model.embed_tokens.weight', [100, 4])], {
      rope_theta: 1e4,
      num_attention_heads: 2,
    });
    const vlm = model(
      'vlm',
      [
        q('model.'),
        up('model.'),
        tensor('model.embed_tokens.weight', [128, 4]),
        tensor('lm_head.weight', [128, 4]),
      ],
      { rope_theta: 1e6, num_attention_heads: 2 },
    );
    const lrm = model(
      'lrm',
      [
        q('model.', [8, 4], 'F32'),
        up('model.', [12, 4], 'I8'),
        tensor('model.embed_tokens.weight', [100, 4]),
        tensor('model.layers.0.self_attn.q_proj.bias', [8]),
      ],
      { rope_parameters: { rope_theta: 1e4 }, num_attention_heads: 4 },
    );
    expect(codes({ base, vlm, lrm })).toEqual([
      'not-plain-weights',
      'vocabulary-rows-differ',
      'output-head-differs',
      'biases-differ',
      'no-vision-tower',
      'formats-differ',
      'rope-theta-differs',
      'heads-differ',
    ]);
  });

  it('pairs matrices of equal name where the names mean nothing to it, and says so', () => {
    const part = (name: string, shape: readonly number[] = [4, 12]) =>
      tensor(`transformer.h.1.${name}`, shape);
    const one = (label: string, more: readonly PairedTensor[] = []) =>
      model(label, [
        part('attn.c_attn.weight'),
        part('ln_1.weight', [4]),
        tensor('transformer.wte.weight', [100, 4]),
        part('odd', [2, 2]),
        ...more,
      ]);
    const { slots, report } = pairModels({
      base: one('base'),
      vlm: one('vlm'),
      lrm: model('lrm', [part('attn.c_attn.weight'), part('odd', [3, 2])]),
    });
    expect(slots).toMatchObject([
      {
        id: 'transformer.h.1.attn.c_attn',
        layer: 1,
        kind: 'other',
        tensors: { lrm: 'transformer.h.1.attn.c_attn.weight' },
      },
    ]);
    expect(report.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['paired-by-name', 'shape-differs']),
    );
  });

  it('refuses a trio with nothing in common, naming both models and the first difference', () => {
    const base = model('base', [q('model.')]);
    const vlm = model('vlm', [q('model.')]);
    expect(() => pairModels({ base, vlm, lrm: model('lrm', [q('model.', [16, 8])]) })).toThrow(
      /VLM vlm \(vlmArchitecture\) fits the reasoning model lrm \(lrmArchitecture\): layers\.0\.self_attn\.q_proj is \[8, 4\] in one and \[16, 8\] in the other/,
    );
    expect(() =>
      pairModels({ base, vlm, lrm: model('lrm', [tensor('transformer.h.0.attn.c_attn.weight', [4, 12])]) }),
    ).toThrow(/reasoning model lrm \(lrmArchitecture\) has no linear layers whose names/);
    expect(() =>
      pairModels({
        base,
        vlm,
        lrm: model('lrm', [tensor('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight', [4, 4])]),
      }),
    ).toThrow(/LoRA adapter/);
    expect(() => pairModels({ base, vlm, lrm: model('lrm', [q('model.', [8, 4], 'U8')]) })).toThrow(
      /No layer is common/,
    );
    expect(() => pairModels({ base, vlm, lrm: model('lrm', []) })).toThrow(
      expect.objectContaining({ code: 'mismatch' }),
    );
    expect(() =>
      pairModels({ base, vlm: model('vlm', [q('model.'), q('language_model.model.')]), lrm: base }),
    ).toThrow(/two tensors for the layer/);
  });
});
