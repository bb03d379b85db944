import { describe, expect, it } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import type { TensorData } from '../../../core/safetensors/write.ts';
import type { Checkpoint } from '../contract.ts';
import { hashTensor } from '../hash.ts';
import { blank, codes, floats, open } from './testing/one-file.ts';

const q = 'model.layers.0.self_attn.q_proj';
const values = async (checkpoint: Checkpoint, name = `${q}.weight`) =>
  Array.from(await checkpoint.readFloat32(name));
const codesOf = ({ findings = [] }: Checkpoint) => findings.map(({ code }) => code);

describe('FP8 with scales is read as the numbers that it stands for', () => {
  const square = codes(`${q}.weight`, [0x38, 0x40, 0x44, 0x48, 0xb8, 0x30], [2, 3]);

  it.each<[string, TensorData, object, number[]]>([
    ['one scale for all', floats(`${q}.weight_scale`, [2], []), {}, [2, 4, 6, 8, -2, 1]],
    ['one scale in a matrix', floats(`${q}.weight_scale`, [2], [1, 1]), {}, [2, 4, 6, 8, -2, 1]],
    ['one scale a row', floats(`${q}.weight_scale`, [2, 10], [2, 1]), {}, [2, 4, 6, 40, -10, 5]],
    ['one scale a row, as a list', floats(`${q}.weight_scale`, [2, 10], [2]), {}, [2, 4, 6, 40, -10, 5]],
    [
      'blocks, the last of them cut off',
      floats(`${q}.weight_scale_inv`, [2, 10], [1, 2]),
      { quantization_config: { quant_method: 'fp8', weight_block_size: [2, 2] } },
      [2, 4, 30, 8, -2, 5],
    ],
    [
      'blocks that text_config declares',
      floats(`${q}.weight_scale_inv`, [2, 3, 10, 20], [2, 2]),
      { text_config: { quantization_config: { quant_method: 'fp8', weight_block_size: [1, 2] } } },
      [2, 4, 9, 40, -10, 10],
    ],
    [
      'groups of columns of compressed-tensors',
      floats(`${q}.weight_scale`, [2, 3, 4, 5, 6, 7], [2, 3]),
      { quantization_config: { quant_method: 'compressed-tensors', format: 'float-quantized' } },
      [2, 6, 12, 20, -6, 3.5],
    ],
  ])('%s', async (_, scale, config, wanted) => {
    const checkpoint = await open([square, scale, floats('model.norm.weight', [1], [1])], config);
    expect([...checkpoint.tensors.keys()]).toEqual([`${q}.weight`, 'model.norm.weight']);
    expect(checkpoint.tensors.get(`${q}.weight`)).toMatchObject({ dtype: 'F32', sizeBytes: 24 });
    expect(await values(checkpoint)).toEqual(wanted);
    const raw = await checkpoint.readRaw(`${q}.weight`);
    expect(Array.from(new Float32Array(raw.buffer))).toEqual(wanted);
    // Pieces that begin and end inside a number, over the end of a row.
    expect(await checkpoint.readRange(`${q}.weight`, 6, 21)).toEqual(raw.slice(6, 21));
    await expect(checkpoint.readRange(`${q}.weight`, 0, 25)).rejects.toMatchObject({ code: 'internal' });
    expect(codesOf(checkpoint)).toEqual(['weights-dequantised']);
    expect(checkpoint.findings?.[0]?.message).toBe('m stores 1 of 1 matrices in FP8 with scales.');
  });

  it('experts in one tensor, each with blocks of its own', async () => {
    const name = 'model.layers.0.mlp.experts.gate_up_proj';
    const checkpoint = await open(
      [
        codes(name, [0x38, 0x38, 0x38, 0x38, 0x40, 0x40, 0x40, 0x40], [2, 2, 2]),
        floats(`${name}_scale_inv`, [1, 2, 3, 4], [2, 1, 2]),
      ],
      { quantization_config: { quant_method: 'fp8', weight_block_size: [2, 1] } },
    );
    expect(await values(checkpoint, name)).toEqual([1, 2, 1, 2, 6, 8, 6, 8]);
  });

  it('E5M2 and scales in BF16: compressed-tensors rounds to BF16, block scales are multiplied in float32', async () => {
    // E5M2 0x3d is 1.25; in BF16 0.3 is 0.30078125, and 1.25 times that is 0.3759765625, which BF16 has not.
    const stored = codes(`${q}.weight`, [0x3d, 0x3c], [1, 2], 'F8_E5M2');
    const rounded = await open([stored, floats(`${q}.weight_scale`, [0.3], [1], 'BF16')]);
    expect(await values(rounded)).toEqual([0.375, 0.30078125]);
    const exact = await open([stored, floats(`${q}.weight_scale_inv`, [0.3], [1, 1], 'BF16')]);
    expect(await values(exact)).toEqual([0.3759765625, 0.30078125]);
  });

  it('scales of activations and caches are left out, and a finding says so', async () => {
    const checkpoint = await open([
      square,
      floats(`${q}.weight_scale`, [2], [1]),
      floats(`${q}.input_scale`, [2], [1]),
      floats('model.layers.0.self_attn.k_scale', [2], [1]),
    ]);
    expect([...checkpoint.tensors.keys()]).toEqual([`${q}.weight`]);
    expect(codesOf(checkpoint)).toEqual(['weights-dequantised', 'activation-scales-not-used']);
  });

  it('serves as base and reasoning model, and is refused as the VLM, whose format a merge is written in', async () => {
    const fp8 = await open([square, floats(`${q}.weight_scale`, [2], [1])]);
    const plain = await open([floats(`${q}.weight`, [1, 2, 3, 4, 5, 6], [2, 3], 'BF16')]);
    const paired = ({ label, config, tensors, dequantised }: Checkpoint) => ({
      label,
      spec: readModelSpec(config, tensors.keys()),
      tensors,
      dequantised,
    });
    const { slots, report } = pairModels({ base: paired(fp8), vlm: paired(plain), lrm: paired(fp8) });
    expect(slots.length).toBe(1);
    expect(report.findings.find(({ code }) => code === 'formats-differ')?.message).toContain(
      'stored as F32 (some of it FP8 with scales, read as F32) in the base model, BF16 in the VLM',
    );
    expect(() => pairModels({ base: paired(plain), vlm: paired(fp8), lrm: paired(plain) })).toThrow(
      /m cannot be the VLM of a merge: 1 of its matrices are stored in FP8.*save_pretrained/,
    );
    expect(await hashTensor(fp8, `${q}.weight`)).not.toBe(await hashTensor(plain, `${q}.weight`));
  });

  it.each<[string, TensorData[], object, RegExp]>([
    ['no scale', [square], {}, /q_proj\.weight in FP8 \(F8_E4M3\) and has no scale/],
    [
      'too few scales',
      [square, floats(`${q}.weight_scale_inv`, [1, 2], [1, 2])],
      { quantization_config: { quant_method: 'fp8', weight_block_size: [1, 1] } },
      /weight_scale_inv is F32 \[1, 2\], which does not fit .* \[2, 3\] in blocks of 1 × 1/,
    ],
    ['scales of nothing', [square, blank(`${q}.weight_scale`, 'F32', 0, 3)], {}, /does not fit/],
    [
      'scales beside weights that are no codes',
      [floats(`${q}.weight`, [1], [1, 1]), floats(`${q}.weight_scale`, [2], [1])],
      {},
      /scales beside weights that are no codes/,
    ],
    [
      'a method that is not known',
      [square, floats(`${q}.weight_scale`, [2], [1])],
      { quantization_config: { quant_method: 'quark' } },
      /quantised with quark .*quantization_config names quark/,
    ],
  ])('refused: %s', async (_, tensors, config, message) => {
    await expect(open(tensors, config)).rejects.toThrow(message);
  });
});
