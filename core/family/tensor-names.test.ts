import { describe, expect, it } from 'vitest';
import { linearName, tensorPart } from './tensor-names.ts';

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
