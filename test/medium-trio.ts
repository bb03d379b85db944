/**
 * A trio of some ten million random parameters a model, in memory: the demo's tokenizer, images and
 * questions, and larger shapes than its, so that vocabulary, layers and factors weigh as they do in real
 * models. Its answers mean nothing.
 */
import { readFileSync } from 'node:fs';
import { encodeHeader, type TensorLayout } from '../core/safetensors/write.ts';
import type { ModelFolder } from '../workers/io/contract.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { memoryFolder } from '../workers/io/folders/memory-folder.ts';

const demo = 'public/models/demo';

export interface MediumShapes {
  readonly layers: number;
  readonly hidden: number;
  readonly inner: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly vocabulary: number;
}

type Shapes = readonly (readonly [string, readonly number[]])[];

const decoder = (
  prefix: string,
  { layers, hidden, inner, heads, keyHeads, vocabulary }: MediumShapes,
): Shapes => {
  const keys = (hidden / heads) * keyHeads;
  return [
    [`${prefix}embed_tokens.weight`, [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i): Shapes => {
      const at = `${prefix}layers.${i}.`;
      return [
        [`${at}input_layernorm.weight`, [hidden]],
        [`${at}post_attention_layernorm.weight`, [hidden]],
        [`${at}self_attn.q_proj.weight`, [hidden, hidden]],
        [`${at}self_attn.k_proj.weight`, [keys, hidden]],
        [`${at}self_attn.v_proj.weight`, [keys, hidden]],
        [`${at}self_attn.o_proj.weight`, [hidden, hidden]],
        [`${at}mlp.gate_proj.weight`, [inner, hidden]],
        [`${at}mlp.up_proj.weight`, [inner, hidden]],
        [`${at}mlp.down_proj.weight`, [hidden, inner]],
      ];
    }).flat(),
    [`${prefix}norm.weight`, [hidden]],
  ];
};

/** Float32, so that it is quickly made; `seed` the same for what is the same in two models. */
function weights(shapes: Shapes, change: number): Uint8Array {
  const layouts = shapes.map(([name, shape]): TensorLayout => ({ name, dtype: 'F32', shape }));
  const header = encodeHeader(layouts, new Map([['format', 'pt']]));
  const count = shapes.reduce(
    (sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const bytes = new Uint8Array(header.length + 4 * count);
  bytes.set(header);
  const values = new Float32Array(count);
  let at = 0;
  let state = 1;
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, side) => product * side, 1);
    const scale = shape.length === 1 ? 0 : 0.05;
    const tuned = change !== 0 && /_proj\.weight$/.test(name) ? change : 0;
    for (let i = 0; i < size; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const noise = state / 2 ** 31 - 1;
      values[at++] = shape.length === 1 ? 1 : scale * noise + tuned * Math.sin(i * 12.9898 + state);
    }
  }
  bytes.set(new Uint8Array(values.buffer), header.length);
  return bytes;
}

const json = (path: string) =>
  JSON.parse(readFileSync(`${demo}/${path}`, 'utf8')) as Record<string, Record<string, unknown>>;

const mostItems = 24;

/** Of a data set, as many as tell how much memory it takes. */
function firstItems({ items, ...set }: Readonly<Record<string, unknown>>): object {
  return {
    ...set,
    count: mostItems,
    items: (items as { readonly index?: number }[])
      .filter(({ index = 0 }) => index < mostItems)
      .slice(0, mostItems),
  };
}

/** A folder with manifest.json in it, as the engine opens the demo's. */
export function mediumTrio(shapes: MediumShapes): ModelFolder {
  const { layers, hidden, inner, heads, keyHeads, vocabulary } = shapes;
  const text = {
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    head_dim: hidden / heads,
    vocab_size: vocabulary,
    max_position_embeddings: 4096,
  };
  const vlmConfig = json('vlm/config.json');
  const vision = vlmConfig['vision_config'] as Record<string, number>;
  const lrm = { ...json('lrm/config.json'), ...text, tie_word_embeddings: true };
  const vlm = {
    ...vlmConfig,
    text_config: { ...vlmConfig['text_config'], ...text },
    tie_word_embeddings: true,
  };
  const {
    hidden_size: width = 0,
    intermediate_size: mlp = 0,
    num_hidden_layers: blocks = 0,
    patch_size: patch = 0,
  } = vision;
  const tower: Shapes = [
    ['model.vision_model.embeddings.patch_embedding.weight', [width, 3, patch, patch]],
    ['model.vision_model.embeddings.patch_embedding.bias', [width]],
    ['model.vision_model.embeddings.position_embedding.weight', [64, width]],
    ...Array.from({ length: blocks }, (_, i): Shapes => {
      const at = `model.vision_model.encoder.layers.${i}.`;
      return (
        [
          ['self_attn.q_proj', [width, width]],
          ['self_attn.k_proj', [width, width]],
          ['self_attn.v_proj', [width, width]],
          ['self_attn.out_proj', [width, width]],
          ['mlp.fc1', [mlp, width]],
          ['mlp.fc2', [width, mlp]],
          ['layer_norm1', [width]],
          ['layer_norm2', [width]],
        ] as const
      ).flatMap(([name, shape]): Shapes => [
        [`${at}${name}.weight`, shape],
        [`${at}${name}.bias`, [shape[0]]],
      ]);
    }).flat(),
    ['model.vision_model.post_layernorm.weight', [width]],
    ['model.vision_model.post_layernorm.bias', [width]],
    ['model.connector.modality_projection.proj.weight', [hidden, 4 * width]],
  ];
  const plain = decoder('model.', shapes);
  const made: Record<string, Uint8Array | string> = {
    'base/config.json': JSON.stringify(lrm),
    'base/model.safetensors': weights(plain, 0),
    'lrm/config.json': JSON.stringify(lrm),
    'lrm/model.safetensors': weights(plain, 0.005),
    'vlm/config.json': JSON.stringify(vlm),
    'vlm/model.safetensors': weights([...decoder('model.text_model.', shapes), ...tower], 0.002),
  };
  for (const set of ['calibration', 'composed', 'perception', 'reasoning', 'traces'])
    made[`data/${set}.json`] = JSON.stringify(firstItems(json(`data/${set}.json`)));
  const [own, rest] = [memoryFolder('medium', made), nodeDirectory(demo)];
  return {
    label: 'medium',
    open: async (path, signal) => (await own.open(path, signal)) ?? rest.open(path, signal),
  };
}
