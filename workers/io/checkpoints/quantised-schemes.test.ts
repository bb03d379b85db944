import { describe, expect, it } from 'vitest';
import type { TensorData } from '../../../core/safetensors/write.ts';
import { blank, floats, open } from './testing/one-file.ts';

const q = 'model.layers.0.self_attn.q_proj';

describe('other ways of storing are refused by name, with what to do', () => {
  it.each<[string, string, TensorData[]]>([
    [
      '8-bit integers of bitsandbytes',
      'call model.dequantize()',
      [blank(`${q}.weight`, 'I8', 4, 4), blank(`${q}.SCB`, 'F32', 4)],
    ],
    [
      '4-bit codes of bitsandbytes',
      'call model.dequantize()',
      [
        blank(`${q}.weight`, 'U8', 8, 1),
        blank(`${q}.weight.absmax`, 'F32', 1),
        blank(`${q}.weight.quant_state.bitsandbytes__nf4`, 'U8', 9),
      ],
    ],
    [
      'GPTQ or AWQ',
      'unquantised',
      [
        blank(`${q}.qweight`, 'I32', 2, 4),
        blank(`${q}.qzeros`, 'I32', 1, 1),
        blank(`${q}.scales`, 'F16', 1, 4),
      ],
    ],
    [
      'MXFP4',
      'Mxfp4Config',
      [
        blank('model.layers.0.mlp.experts.gate_up_proj_blocks', 'U8', 2, 4, 1, 16),
        blank('model.layers.0.mlp.experts.gate_up_proj_scales', 'U8', 2, 4, 1),
      ],
    ],
    [
      'integer or packed codes of compressed-tensors',
      'run_compressed=False',
      [
        blank(`${q}.weight_packed`, 'I32', 2, 1),
        blank(`${q}.weight_scale`, 'BF16', 2, 1),
        blank(`${q}.weight_shape`, 'I64', 2),
      ],
    ],
    [
      'sparse weights of compressed-tensors',
      'run_compressed=False',
      [
        blank(`${q}.compressed`, 'BF16', 8),
        blank(`${q}.bitmask`, 'U8', 2, 1),
        blank(`${q}.row_offsets`, 'I64', 2),
      ],
    ],
    [
      "NVFP4 of NVIDIA's ModelOpt",
      'unquantised',
      [
        blank(`${q}.weight`, 'U8', 4, 2),
        blank(`${q}.weight_scale`, 'F8_E4M3', 4, 1),
        blank(`${q}.weight_scale_2`, 'F32'),
      ],
    ],
    ['HQQ', 'unquantised', [blank(`${q}.W_q`, 'U8', 2, 2), blank(`${q}.scale`, 'F16', 2)]],
    [
      'quanto',
      'unquantised',
      [blank(`${q}.weight._data`, 'I8', 2, 2), blank(`${q}.weight._scale`, 'F16', 2, 1)],
    ],
    ['EETQ', 'unquantised', [blank(`${q}.weight`, 'I8', 2, 2), blank(`${q}.weight_scales`, 'F16', 2)]],
    ['AQLM', 'unquantised', [blank(`${q}.codes`, 'I8', 2, 2, 1), blank(`${q}.codebooks`, 'F16', 1, 2, 1, 2)]],
    [
      'MLX',
      'mlx_lm.convert',
      [
        blank(`${q}.weight`, 'U32', 2, 2),
        blank(`${q}.scales`, 'F16', 2, 1),
        blank(`${q}.biases`, 'F16', 2, 1),
      ],
    ],
    [
      'torchao',
      'unquantised',
      [blank(`${q}._weight_qdata`, 'I8', 2, 2), blank(`${q}._weight_scale`, 'F32', 2)],
    ],
    [
      'scaled FP8 of ComfyUI',
      'unquantised',
      [blank(`${q}.weight`, 'F8_E4M3', 2, 2), blank(`${q}.scale_weight`, 'F32')],
    ],
    ['integers (I8), in a way that its files do not name', 'unquantised', [blank(`${q}.weight`, 'I8', 2, 2)]],
    [
      'integers (I32), in a way that its files do not name',
      'unquantised',
      [blank(`${q}.bias`, 'I32', 4), floats(`${q}.weight`, [1], [1, 1])],
    ],
    [
      'integers (U8), in a way that its files do not name',
      'unquantised',
      [blank('model.vision_tower.blocks.0.fc1.weight', 'U8', 2, 2), floats(`${q}.weight`, [1], [1, 1])],
    ],
  ])('%s', async (name, remedy, tensors) => {
    const opening = open(tensors);
    await expect(opening).rejects.toMatchObject({ code: 'unsupported', details: { file: 'm' } });
    await expect(opening).rejects.toThrow(`m is quantised with ${name}`);
    await expect(opening).rejects.toThrow(remedy);
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['config.json', { quantization_config: { quant_method: 'bitnet' } }, {}, 'BitNet'],
    ['vision_config', { vision_config: { quantization_config: { quant_method: 'eetq' } } }, {}, 'EETQ'],
    ['MLX’s own key', { quantization: { group_size: 64, bits: 4 } }, {}, 'MLX'],
    [
      'a file of ModelOpt',
      {},
      { 'hf_quant_config.json': '{"quantization":{"quant_algo":"W4A8_AWQ"}}' },
      'W4A8_AWQ',
    ],
    ['a file of AutoGPTQ', {}, { 'quantize_config.json': '{"bits":4,"quant_method":"gptq"}' }, 'GPTQ or AWQ'],
  ])('integers are named by %s', async (_, config, files, name) => {
    await expect(open([blank(`${q}.weight`, 'U32', 2, 2)], config, files)).rejects.toThrow(
      `m is quantised with ${name}`,
    );
  });

  it('rotations that are applied as the model runs make plain weights no plain weights', async () => {
    const config = {
      quantization_config: {
        quant_method: 'compressed-tensors',
        transform_config: { config_groups: { R1: { type: 'hadamard' } } },
      },
    };
    await expect(open([floats(`${q}.weight`, [1], [1, 1])], config)).rejects.toThrow(/transform_config/);
  });
});

describe('what is not quantised opens as before', () => {
  it('tables and masks of integers beside plain weights, without a finding', async () => {
    const checkpoint = await open([
      blank('vision_tower.embeddings.position_ids', 'I64', 1, 4),
      blank('h.0.attn.bias', 'U8', 1, 1, 2, 2),
      blank('mask', 'BOOL', 2, 2),
      blank('bn.num_batches_tracked', 'I64'),
      floats('logit_scale', [1], [1]),
      floats(`${q}.weight`, [1, 2], [1, 2]),
    ]);
    expect(checkpoint.findings).toEqual([]);
    expect(checkpoint.dequantised).toBeUndefined();
    expect(Array.from(await checkpoint.readFloat32(`${q}.weight`))).toEqual([1, 2]);
  });

  it('settings that ask for quantisation are named where the weights are plain', async () => {
    const checkpoint = await open([floats(`${q}.weight`, [1, 2], [1, 2])], {
      quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true },
    });
    expect(checkpoint.findings).toMatchObject([
      {
        code: 'quantisation-not-applied',
        severity: 'warning',
        message:
          'config.json: quantization_config of m asks for quantisation (bitsandbytes_4bit), and its weights are stored unquantised.',
      },
    ]);
  });

  it.each<[string, object, Record<string, string>, string]>([
    [
      'in text_config',
      { text_config: { quantization_config: { quant_method: 'gptq', bits: 4 } } },
      {},
      'config.json: text_config.quantization_config',
    ],
    ['of FP8', { quantization_config: { quant_method: 'fp8' } }, {}, 'config.json: quantization_config'],
    ['in a file beside it', {}, { 'quantize_config.json': '{"bits":4}' }, 'quantize_config.json'],
    [
      'in the file of ModelOpt',
      {},
      { 'hf_quant_config.json': '{"quantization":{"quant_algo":"FP8"}}' },
      'hf_quant_config.json',
    ],
  ])('wherever they stand: %s', async (_, config, files, place) => {
    const checkpoint = await open([floats(`${q}.weight`, [1, 2], [1, 2])], config, files);
    expect(checkpoint.findings).toMatchObject([
      {
        code: 'quantisation-not-applied',
        severity: 'warning',
        remedy: expect.stringContaining('Take') as string,
      },
    ]);
    expect(checkpoint.findings?.[0]?.message).toContain(`${place} of m asks for quantisation`);
  });
});
