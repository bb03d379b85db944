import { expect, test } from 'vitest';
import { moduleName } from './module-names.ts';

test.each([
  ['LlamaForCausalLM', 'model.layers.3.mlp.up_proj.weight', 'model.layers.3.mlp.up_proj'],
  [
    'Idefics3ForConditionalGeneration',
    'model.text_model.layers.0.self_attn.q_proj.weight',
    'model.text_model.layers.0.self_attn.q_proj',
  ],
  [
    'LlavaForConditionalGeneration',
    'language_model.model.layers.0.self_attn.o_proj.weight',
    'model.language_model.layers.0.self_attn.o_proj',
  ],
  [
    'LlavaOnevisionForConditionalGeneration',
    'language_model.model.layers.0.mlp.down_proj.weight',
    'model.language_model.layers.0.mlp.down_proj',
  ],
  [
    'InternVLForConditionalGeneration',
    'language_model.model.layers.0.mlp.gate_proj.weight',
    'model.language_model.layers.0.mlp.gate_proj',
  ],
  [
    'Qwen2_5_VLForConditionalGeneration',
    'model.layers.35.self_attn.v_proj.weight',
    'model.language_model.layers.35.self_attn.v_proj',
  ],
  [
    'Qwen3VLForConditionalGeneration',
    'model.language_model.layers.2.self_attn.k_proj.weight',
    'model.language_model.layers.2.self_attn.k_proj',
  ],
])('%s: %s', (architecture, tensor, module) => expect(moduleName(architecture, tensor)).toBe(module));

test('what is no layer of the language model has no module', () =>
  expect(moduleName('LlamaForCausalLM', 'model.embed_tokens.weight')).toBeNull());
