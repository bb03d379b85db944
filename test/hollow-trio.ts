/**
 * A trio of Qwen2.5-1.5B's shapes with a SigLIP tower (LLaVA), as files that are headers and holes: nothing
 * of it takes room on disk, and nothing can be computed with it.
 */
import { mkdirSync, openSync, ftruncateSync, writeSync, closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHeader, type TensorLayout } from '../core/safetensors/write.ts';

const text = { hidden: 1536, inner: 8960, layers: 28, heads: 12, keyHeads: 2, vocabulary: 151_936 };
const tower = { hidden: 1152, inner: 4304, layers: 27, heads: 16 };

type Shapes = readonly (readonly [string, readonly number[]])[];

function decoder(prefix: string): Shapes {
  const { hidden, inner, layers, heads, keyHeads, vocabulary } = text;
  const keys = (hidden / heads) * keyHeads;
  const ofLayer = (at: string): Shapes => [
    [`${at}input_layernorm.weight`, [hidden]],
    [`${at}post_attention_layernorm.weight`, [hidden]],
    ...(['q', 'k', 'v'] as const).flatMap((name): Shapes => [
      [`${at}self_attn.${name}_proj.weight`, [name === 'q' ? hidden : keys, hidden]],
      [`${at}self_attn.${name}_proj.bias`, [name === 'q' ? hidden : keys]],
    ]),
    [`${at}self_attn.o_proj.weight`, [hidden, hidden]],
    [`${at}mlp.gate_proj.weight`, [inner, hidden]],
    [`${at}mlp.up_proj.weight`, [inner, hidden]],
    [`${at}mlp.down_proj.weight`, [hidden, inner]],
  ];
  return [
    [`${prefix}embed_tokens.weight`, [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i) => ofLayer(`${prefix}layers.${i}.`)).flat(),
    [`${prefix}norm.weight`, [hidden]],
  ];
}

function eyes(): Shapes {
  const { hidden, inner, layers } = tower;
  const at = 'vision_tower.vision_model.';
  const block = (i: number): Shapes =>
    (
      [
        ['self_attn.q_proj', [hidden, hidden]],
        ['self_attn.k_proj', [hidden, hidden]],
        ['self_attn.v_proj', [hidden, hidden]],
        ['self_attn.out_proj', [hidden, hidden]],
        ['mlp.fc1', [inner, hidden]],
        ['mlp.fc2', [hidden, inner]],
        ['layer_norm1', [hidden]],
        ['layer_norm2', [hidden]],
      ] as const
    ).flatMap(([name, shape]): Shapes => [
      [`${at}encoder.layers.${i}.${name}.weight`, shape],
      [`${at}encoder.layers.${i}.${name}.bias`, [shape[0]]],
    ]);
  return [
    [`${at}embeddings.patch_embedding.weight`, [hidden, 3, 14, 14]],
    [`${at}embeddings.patch_embedding.bias`, [hidden]],
    [`${at}embeddings.position_embedding.weight`, [729, hidden]],
    ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
    ['multi_modal_projector.linear_1.weight', [text.hidden, hidden]],
    ['multi_modal_projector.linear_1.bias', [text.hidden]],
    ['multi_modal_projector.linear_2.weight', [text.hidden, text.hidden]],
    ['multi_modal_projector.linear_2.bias', [text.hidden]],
  ];
}

/** Folders base, vlm and lrm under `folder`. */
export function writeHollowTrio(folder: string): void {
  const { hidden, inner, layers, heads, keyHeads, vocabulary } = text;
  const plain = {
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    vocab_size: vocabulary,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    hidden_act: 'silu',
    tie_word_embeddings: true,
  };
  const vision = {
    model_type: 'siglip_vision_model',
    hidden_size: tower.hidden,
    intermediate_size: tower.inner,
    num_hidden_layers: tower.layers,
    num_attention_heads: tower.heads,
    image_size: 384,
    patch_size: 14,
  };
  const seeing = {
    architectures: ['LlavaForConditionalGeneration'],
    model_type: 'llava',
    image_token_index: 151_646,
    vision_feature_layer: -1,
    vision_feature_select_strategy: 'full',
    tie_word_embeddings: true,
    text_config: plain,
    vision_config: vision,
  };
  write(join(folder, 'base'), plain, decoder('model.'));
  write(join(folder, 'lrm'), plain, decoder('model.'));
  write(join(folder, 'vlm'), seeing, [...decoder('language_model.model.'), ...eyes()]);
}

function write(folder: string, config: object, shapes: Shapes): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const layouts = shapes.map(([name, shape]): TensorLayout => ({ name, dtype: 'F16', shape }));
  const header = encodeHeader(layouts, new Map([['format', 'pt']]));
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  writeSync(file, header);
  ftruncateSync(
    file,
    header.length +
      shapes.reduce((sum, [, shape]) => sum + 2 * shape.reduce((product, size) => product * size, 1), 0),
  );
  closeSync(file);
}
