import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import type { ModelSpec } from './model-spec.ts';
import { readModelSpec } from './read-spec.ts';
import { demoModel as demo } from './testing/demo-model.ts';

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
  'visual.patch_embed.proj.weight',
  'model.language_model.embed_tokens.weight',
  'model.language_model.norm.weight',
  'model.language_model.layers.0.self_attn.q_proj.weight',
];

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

  it('a padding token that is none, as the first LLaMA configurations have it, is no obstacle', () => {
    const spec = readModelSpec({ architectures: ['LlamaForCausalLM'], pad_token_id: -1 }, textNames);
    expect(spec.kind).toBe('text');
  });

  it.each([
    // What LlamaConfig of transformers 5.23 makes of both keys at once.
    ['the older scaling', { rope_scaling: { type: 'linear', factor: 2 }, rope_theta: 10 }, 'linear'],
    ['another kind', { rope_scaling: { rope_type: 'yarn', factor: 2 } }, 'yarn'],
    ['the older theta', { rope_scaling: { rope_type: 'default' }, rope_theta: 10 }, 10],
    ['its own theta', { rope_scaling: { rope_type: 'default', rope_theta: 5 }, rope_theta: 7 }, 5],
    ['neither', { rope_scaling: { rope_type: 'default' } }, 10_000],
    ['nothing', { rope_scaling: {}, rope_theta: 10 }, 1000],
    ['null', { rope_scaling: null, rope_theta: 10 }, 1000],
  ])('rope_scaling counts before rope_parameters unless it is empty: it says %s', (_, older, expected) => {
    const config = { rope_parameters: { rope_theta: 1000, rope_type: 'default' }, ...older };
    const spec = readModelSpec({ architectures: ['LlamaForCausalLM'], ...config }, textNames);
    if (spec.kind === 'unknown') expect(spec.reason).toContain(`rope type ${expected}`);
    else expect(spec.text.ropeTheta).toBe(expected);
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
        architectures: ['Qwen3VLForConditionalGeneration'],
        rope_parameters: { full: { rope_theta: 1 } },
        num_attention_heads: [1, 2],
      },
      textNames,
      /Qwen3VLForConditionalGeneration cannot be run: .*DeepStack.*M-RoPE.*can still be decomposed, merged and exported/,
    ],
    [
      'an unknown architecture',
      { architectures: ['MolmoForCausalLM'] },
      textNames,
      /cannot run the architecture MolmoForCausalLM/,
    ],
    ['none at all', {}, textNames, /^No config\.json says what architecture/],
    [
      'a model type alone',
      { model_type: 'llama' },
      textNames,
      /names no architecture .* the model type llama/,
    ],
    [
      'a model type that transformers computes otherwise',
      { ...llama, model_type: 'mistral', sliding_window: 2 },
      textNames,
      /^LlamaForCausalLM cannot be run: config\.json says model_type "mistral" beside it, but a LlamaForCausalLM has model_type "llama", and transformers goes by model_type\. Correct the one/,
    ],
    [
      'a model type that can be run itself',
      { architectures: ['LlamaForCausalLM'], model_type: 'qwen2' },
      textNames,
      /says model_type "qwen2" beside it/,
    ],
    [
      'a VLM of the other generation',
      { architectures: ['Qwen2VLForConditionalGeneration'], model_type: 'qwen2_5_vl' },
      visionNames,
      /says model_type "qwen2_5_vl" beside it/,
    ],
    [
      'a VLM with the type of its language model',
      { architectures: ['Idefics3ForConditionalGeneration'], model_type: 'llama' },
      visionNames,
      /has model_type "idefics3"/,
    ],
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
    [
      { ...llama, architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', head_dim: null },
      /head_dim must be a number, or absent, not null/,
    ],
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
        vision_config: { patch_size: 'a' },
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
