// Writes a trio of random bfloat16 checkpoints of a Llama's shapes, for measuring and for tests of what is
// large: nothing in it was trained. The LRM is the base plus noise plus a few strong directions in each
// linear layer, as task vectors look; the VLM is a text model with the base's weights (it has no eyes, so
// such a trio has spectra, merges and exports but no answers).
//
//   node test/random-trio.mjs FOLDER [layers]      SmolLM2-135M's shapes: 30 layers, 210 matrices, 269 MB a model
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ layers: number, hidden: number, mlp: number, heads: number, kvHeads: number, vocabulary: number
 * }} Shapes
 */

/** @type {Shapes} */
const smolLM2 = { layers: 30, hidden: 576, mlp: 1536, heads: 9, kvHeads: 3, vocabulary: 49152 };

const strongDirections = 8;
const weightScale = 0.04;
const noiseScale = 0.002;
const strongScale = 0.01;

/**
 * The merged matrices and the rest, in file order: [name, rows, columns or null for a vector, merged]. @param
 * {Shapes} shapes
 */
function tensorsOf({ layers, hidden, mlp, heads, kvHeads, vocabulary }) {
  const kv = (hidden / heads) * kvHeads;
  const tensors = [{ name: 'model.embed_tokens.weight', shape: [vocabulary, hidden], merged: false }];
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.`;
    const linear = (name, rows, columns) =>
      tensors.push({ name: `${at}${name}.weight`, shape: [rows, columns], merged: true });
    tensors.push({ name: `${at}input_layernorm.weight`, shape: [hidden], merged: false });
    linear('self_attn.q_proj', hidden, hidden);
    linear('self_attn.k_proj', kv, hidden);
    linear('self_attn.v_proj', kv, hidden);
    linear('self_attn.o_proj', hidden, hidden);
    tensors.push({ name: `${at}post_attention_layernorm.weight`, shape: [hidden], merged: false });
    linear('mlp.gate_proj', mlp, hidden);
    linear('mlp.up_proj', mlp, hidden);
    linear('mlp.down_proj', hidden, mlp);
  }
  tensors.push({ name: 'model.norm.weight', shape: [hidden], merged: false });
  return tensors;
}

/** xorshift32: fast, and the same bytes everywhere. @param {number} seed */
function randomFrom(seed) {
  let state = seed | 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // Four uniforms: near enough to a normal of variance 1 for what this is.
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}

/** Nearest even. @param {Float32Array} values */
function toBrain(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const codes = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) codes[i] = (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  return codes;
}

/**
 * Folders base, vlm and lrm under `folder`, each with config.json and model.safetensors.
 * @param {string} folder @param {Shapes} [shapes] @param {number} [seed]
 */
export function writeRandomTrio(folder, shapes = smolLM2, seed = 1) {
  const tensors = tensorsOf(shapes);
  const header = {};
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 2 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  const json = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));

  const files = ['base', 'lrm'].map((role) => {
    mkdirSync(join(folder, role), { recursive: true });
    const file = openSync(join(folder, role, 'model.safetensors'), 'w');
    writeSync(file, length);
    writeSync(file, json);
    return file;
  });
  const normal = randomFrom(seed);
  for (const { shape, merged } of tensors) {
    const [rows, columns = 1] = shape;
    const base = Float32Array.from({ length: rows * columns }, () => weightScale * normal());
    writeSync(files[0], new Uint8Array(toBrain(base).buffer));
    const lrm = merged ? plusTaskVector(base, rows, columns, normal) : base;
    writeSync(files[1], new Uint8Array(toBrain(lrm).buffer));
  }
  files.forEach(closeSync);

  const { layers, hidden, mlp, heads, kvHeads, vocabulary } = shapes;
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hidden,
    intermediate_size: mlp,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: hidden / heads,
    vocab_size: vocabulary,
    rms_norm_eps: 1e-5,
    rope_theta: 100000,
    max_position_embeddings: 8192,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    torch_dtype: 'bfloat16',
  };
  mkdirSync(join(folder, 'vlm'), { recursive: true });
  for (const role of ['base', 'vlm', 'lrm'])
    writeFileSync(join(folder, role, 'config.json'), JSON.stringify(config, null, 2));
  copyFileSync(join(folder, 'base', 'model.safetensors'), join(folder, 'vlm', 'model.safetensors'));
}

function plusTaskVector(base, rows, columns, normal) {
  const sum = Float32Array.from(base, (value) => value + noiseScale * normal());
  for (let k = 0; k < strongDirections; k++) {
    const scale = strongScale / (1 + k);
    const left = Float64Array.from({ length: rows }, () => scale * normal());
    const right = Float64Array.from({ length: columns }, normal);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) sum[i * columns + j] += left[i] * right[j];
  }
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, layers] = process.argv.slice(2);
  if (!folder) throw new Error('Usage: node test/random-trio.mjs FOLDER [layers]');
  writeRandomTrio(folder, { ...smolLM2, layers: layers ? Number(layers) : smolLM2.layers });
}
