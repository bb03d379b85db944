/** An adapter that has both a module whole (modules_to_save) and factors of it: peft 0.21.2 takes the whole alone. */
import { expect, it } from 'vitest';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { nodeDirectory } from '../folders/directory.node.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openAdapter } from './adapter.ts';
import { openCheckpoint } from './checkpoint.ts';

it('puts no factors on a module that is saved whole, and says so', async () => {
  const base = await openCheckpoint(nodeDirectory('zoo/reference/adapter/base', 'base'));
  const [rows = 0, columns = 0] = base.tensors.get('model.embed_tokens.weight')?.shape ?? [];
  const tensor = (name: string, shape: readonly [number, number], value: (i: number) => number) => ({
    name: `base_model.model.${name}.weight`,
    dtype: 'F32' as const,
    shape,
    bytes: new Uint8Array(Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => value(i)).buffer),
  });
  const q = 'model.layers.0.self_attn.q_proj';
  const weights = buildSafetensors(
    [
      tensor(`${q}.lora_A`, [1, columns], () => 1),
      tensor(`${q}.lora_B`, [columns, 1], () => 1),
      tensor('lm_head.lora_A', [1, columns], () => 1),
      tensor('lm_head.lora_B', [rows, 1], () => 1),
      tensor('lm_head', [rows, columns], (i) => i / 1024),
    ],
    new Map(),
  );
  const config = {
    peft_type: 'LORA',
    r: 1,
    lora_alpha: 1,
    target_modules: ['q_proj', 'lm_head'],
    modules_to_save: ['lm_head'],
  };
  const folder = memoryFolder('a', {
    'adapter_config.json': JSON.stringify(config),
    'adapter_model.safetensors': weights,
  });
  const model = await openAdapter(folder, base);
  const head = await model.readFloat32('lm_head.weight');
  expect([head.length, ...head.slice(0, 3)]).toEqual([rows * columns, 0, 1 / 1024, 2 / 1024]);
  expect(head.every((value, i) => value === i / 1024)).toBe(true);
  expect([...(model.adapted?.keys() ?? [])]).toEqual([`${q}.weight`]);
  expect(model.findings?.find(({ code }) => code === 'adapter-factors-left-out')?.tensors).toEqual([
    'lm_head',
  ]);
});
