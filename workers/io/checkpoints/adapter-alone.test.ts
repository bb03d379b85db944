import { describe, expect, it } from 'vitest';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint } from './checkpoint.ts';

const file = (...names: string[]) =>
  buildSafetensors(
    names.map((name) => ({ name, dtype: 'F32' as const, shape: [1], bytes: new Uint8Array(4) })),
    new Map(),
  );

describe('an adapter where a whole model is wanted', () => {
  const weights = file('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight');
  it.each([
    [
      'LoRA',
      { 'adapter_config.json': '{}', 'adapter_model.safetensors': weights },
      /may stand in for the reasoning model \(LRM\)/,
    ],
    [
      'LoRA with a config.json beside it',
      { 'config.json': '{}', 'adapter_config.json': '{}', 'adapter_model.safetensors': weights },
      /may stand in for the reasoning model \(LRM\)/,
    ],
    [
      'a pickled one',
      { 'adapter_config.json': '{}', 'adapter_model.bin': 'x' },
      /pickled form.*save_pretrained/,
    ],
    ['mlx-lm', { 'adapter_config.json': '{}', 'adapters.safetensors': weights }, /mlx_lm\.fuse/],
    ['diffusers', { 'pytorch_lora_weights.safetensors': weights }, /image generation/],
    ['half of one', { 'adapter_config.json': '{}' }, /adapter whose weights are missing/],
    [
      'factors as the only tensors',
      { 'config.json': '{}', 'model.safetensors': weights },
      /factors of an adapter alone/,
    ],
    [
      'kohya',
      {
        'config.json': '{}',
        'model.safetensors': file('lora_unet_down_blocks_0.lora_down.weight', 'lora_te_x.lora_up.weight'),
      },
      /LoRA for image generation/,
    ],
  ])('%s is refused by name, with what to do', async (_, files, message) => {
    await expect(openCheckpoint(memoryFolder('x', files))).rejects.toThrow(message);
  });

  it('factors among other weights are named in a finding', async () => {
    const found = await openCheckpoint(
      memoryFolder('x', {
        'config.json': '{}',
        'model.safetensors': file('model.norm.weight', 'model.layers.0.mlp.up_proj.lora_A.speech.weight'),
      }),
    );
    expect(found.findings?.filter(({ code }) => code.startsWith('adapter'))).toMatchObject([
      {
        code: 'adapter-among-weights',
        severity: 'warning',
        tensors: ['model.layers.0.mlp.up_proj.lora_A.speech.weight'],
      },
    ]);
  });

  it('a model without any has no such finding', async () => {
    const found = await openCheckpoint(
      memoryFolder('x', {
        'config.json': '{}',
        'model.safetensors': file('model.norm.weight', 'lora_head.weight'),
      }),
    );
    expect(found.findings?.filter(({ code }) => code.startsWith('adapter'))).toEqual([]);
  });
});
