/**
 * Checkpoints of a published model's names, shapes and element type, with numbers that mean nothing: for
 * measuring only.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFloat32 } from '../core/safetensors/encode.ts';
import { encodeHeader, type TensorLayout } from '../core/safetensors/write.ts';
import { gaussian } from './inputs.ts';
import { smolLm2, smolLm2Config } from './shapes.ts';

/** Numbers are drawn once and used again from other places. */
const poolElements = 2 ** 20;

/**
 * Writes config.json and model.safetensors (bfloat16) of SmolLM2-135M's shapes: 272 tensors, 269 MB.
 * Checkpoints of different seeds differ everywhere.
 */
export function writeSmolLm2(
  folder: string,
  seed: number,
): { readonly weights: string; readonly tensors: readonly TensorLayout[] } {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(smolLm2Config, null, 1));
  const tensors = smolLm2Tensors();
  const next = gaussian(seed);
  const pool = encodeFloat32(
    'BF16',
    Float32Array.from({ length: poolElements }, () => 0.02 * next()),
  );
  const weights = join(folder, 'model.safetensors');
  const file = openSync(weights, 'w');
  try {
    writeSync(file, encodeHeader(tensors, new Map([['format', 'pt']])));
    for (const [i, { shape }] of tensors.entries()) {
      let left = 2 * shape.reduce((product, size) => product * size, 1);
      // From another place each time, at a whole element.
      let from = (2 * 7919 * i) % pool.length;
      while (left > 0) {
        const size = Math.min(left, pool.length - from);
        writeSync(file, pool, from, size);
        left -= size;
        from = 0;
      }
    }
  } finally {
    closeSync(file);
  }
  return { weights, tensors };
}

function smolLm2Tensors(): TensorLayout[] {
  const { hidden_size: width, vocab_size: vocabulary, num_hidden_layers: layers } = smolLm2Config;
  const tensor = (name: string, shape: readonly number[]): TensorLayout => ({
    name: `model.${name}.weight`,
    dtype: 'BF16',
    shape,
  });
  const norm = (name: string): TensorLayout => tensor(name, [width]);
  return [
    tensor('embed_tokens', [vocabulary, width]),
    ...Array.from({ length: layers }, (_, layer) => [
      ...smolLm2
        .filter((linear) => linear.layer === layer)
        .map(({ kind, shape }) =>
          tensor(`layers.${layer}.${/^[qkvo]$/.test(kind) ? 'self_attn' : 'mlp'}.${kind}_proj`, shape),
        ),
      norm(`layers.${layer}.input_layernorm`),
      norm(`layers.${layer}.post_attention_layernorm`),
    ]).flat(),
    norm('norm'),
  ];
}
