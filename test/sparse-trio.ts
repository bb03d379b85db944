/**
 * Three repositories of two gigabytes each, in shards, with the names and shapes of a Qwen2-like model and
 * weights that are made when they are asked for.
 */
import { encodeHeader, type TensorLayout } from '../core/safetensors/write.ts';
import { encodeShardIndex, planShards } from '../core/safetensors/shard-plan.ts';
import { plainFile, sparseFile, type Repo } from './hub-repo.ts';

const hidden = 1536;
const inner = 8960;
const keys = 256;
const layers = 20;
const vocabulary = 32_000;
const text = {
  hidden_size: hidden,
  intermediate_size: inner,
  num_hidden_layers: layers,
  num_attention_heads: 12,
  num_key_value_heads: 2,
  vocab_size: vocabulary,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  tie_word_embeddings: true,
};

type Shapes = readonly (readonly [string, readonly number[]])[];

const textTensors: Shapes = [
  ['model.embed_tokens.weight', [vocabulary, hidden]],
  ...Array.from({ length: layers }, (_, i): Shapes =>
    (
      [
        ['input_layernorm.weight', [hidden]],
        ['mlp.down_proj.weight', [hidden, inner]],
        ['mlp.gate_proj.weight', [inner, hidden]],
        ['mlp.up_proj.weight', [inner, hidden]],
        ['post_attention_layernorm.weight', [hidden]],
        ['self_attn.k_proj.bias', [keys]],
        ['self_attn.k_proj.weight', [keys, hidden]],
        ['self_attn.o_proj.weight', [hidden, hidden]],
        ['self_attn.q_proj.bias', [hidden]],
        ['self_attn.q_proj.weight', [hidden, hidden]],
        ['self_attn.v_proj.bias', [keys]],
        ['self_attn.v_proj.weight', [keys, hidden]],
      ] as const
    ).map(([name, shape]) => [`model.layers.${i}.${name}`, shape] as const),
  ).flat(),
  ['model.norm.weight', [hidden]],
];
const tower: Shapes = Array.from({ length: 32 }, (_, i): Shapes =>
  (
    [
      'attn.qkv.weight',
      'attn.proj.weight',
      'mlp.gate_proj.weight',
      'mlp.up_proj.weight',
      'mlp.down_proj.weight',
    ] as const
  ).map((name) => [`visual.blocks.${i}.${name}`, [1280, 320]] as const),
).flat();

/** Small bfloat16 numbers; the period is odd, so that rows differ. */
function pattern(seed: number): Uint8Array<ArrayBuffer> {
  const values = new Uint16Array(1_000_003);
  let state = seed;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // ±2⁻⁶ to 2⁻⁵, all seven bits of the fraction.
    values[i] = ((state >>> 31) << 15) | (121 << 7) | ((state >>> 20) & 127);
  }
  return new Uint8Array(values.buffer);
}

function repo(commit: string, config: object, shapes: Shapes, seed: number): Repo {
  const tensors = shapes.map(([name, shape]): TensorLayout & { readonly sizeBytes: number } => ({
    name,
    dtype: 'BF16',
    shape,
    sizeBytes: 2 * shape.reduce((product, size) => product * size, 1),
  }));
  const shards = planShards(tensors, 600e6);
  const weights = pattern(seed);
  const files = shards.map(({ file, tensors: held }) => {
    const header = encodeHeader(held, new Map([['format', 'pt']]));
    return [
      file,
      sparseFile(
        header,
        held.reduce((sum, { sizeBytes }) => sum + sizeBytes, header.length),
        `${commit}-${file}`,
        weights,
      ),
    ] as const;
  });
  return {
    commit,
    revisions: ['main'],
    files: {
      'config.json': plainFile(JSON.stringify(config)),
      'model.safetensors.index.json': plainFile(encodeShardIndex(shards)),
      ...Object.fromEntries(files),
    },
  };
}

const commitOf = (digit: string): string => digit.repeat(40);

export const sparseTrio = (): Record<string, Repo> => ({
  'org/base-2gb': repo(
    commitOf('b'),
    { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', ...text },
    textTensors,
    1,
  ),
  'org/vlm-2gb': repo(
    commitOf('e'),
    { architectures: ['Qwen2_5_VLForConditionalGeneration'], model_type: 'qwen2_5_vl', ...text },
    [...textTensors, ...tower],
    2,
  ),
  'org/lrm-2gb': repo(
    commitOf('a'),
    { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', ...text },
    textTensors,
    3,
  ),
});
