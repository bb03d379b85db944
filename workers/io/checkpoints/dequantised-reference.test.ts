/** Held against what transformers and compressed-tensors make of the same files (zoo/reference/quantised/make.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Checkpoint } from '../contract.ts';
import { nodeDirectory } from '../folders/directory.node.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint, openWeights } from './checkpoint.ts';

const place = (name: string): string =>
  fileURLToPath(new URL(`../../../zoo/reference/quantised/${name}`, import.meta.url));
const expected = await openWeights(nodeDirectory(place('')), ['dequantised.safetensors']);

/** Names of the weights of `checkpoint` that the reference has, each compared to the bit. */
async function compared(checkpoint: Checkpoint): Promise<string[]> {
  const names = [...checkpoint.tensors.keys()].filter((name) => expected.tensors.has(name));
  for (const name of names) {
    const wanted = await expected.readRaw(name);
    expect(Buffer.from(await checkpoint.readRaw(name)).equals(wanted), name).toBe(true);
    const { length } = wanted;
    const pieces = [0, 4, 132, length].map((at) => Math.min(at, length));
    for (const [i, begin] of pieces.slice(0, -1).entries()) {
      const end = pieces[i + 1] ?? length;
      const piece = await checkpoint.readRange(name, begin, end);
      expect(Buffer.from(piece).equals(wanted.subarray(begin, end)), `${name} from ${begin}`).toBe(true);
    }
  }
  return names;
}

it('blocks of an FP8 model are what transformers loads with dequantize=True, to the bit', async () => {
  const checkpoint = await openCheckpoint(nodeDirectory(place('fp8')));
  expect((await compared(checkpoint)).length).toBe(7);
  expect(checkpoint.dequantised).toBe(7);
});

it('scales of compressed-tensors for a tensor, a row, a group and a block, in float32 and bfloat16', async () => {
  const folder = memoryFolder('codes', {
    'config.json': JSON.stringify({
      architectures: ['X'],
      quantization_config: { quant_method: 'compressed-tensors', format: 'float-quantized' },
    }),
    'model.safetensors': new Uint8Array(readFileSync(place('codes.safetensors'))),
  });
  expect((await compared(await openCheckpoint(folder))).sort()).toEqual([
    'block_bfloat16.weight',
    'block_float32.weight',
    'channel_bfloat16.weight',
    'channel_float32.weight',
    'group_bfloat16.weight',
    'group_float32.weight',
    'tensor_bfloat16.weight',
    'tensor_float32.weight',
  ]);
});
