import { describe, expect, it } from 'vitest';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint } from './checkpoint.ts';

const open = (names: readonly string[]) =>
  openCheckpoint(
    memoryFolder('m', {
      'config.json': '{"architectures":["X"]}',
      'model.safetensors': buildSafetensors(
        names.map((name, i) => ({ name, dtype: 'U8' as const, shape: [1], bytes: Uint8Array.of(i) })),
        new Map(),
      ),
    }),
  );
const own = ['lm_head.w', 'model.layers.0.mlp.up_proj.w', 'model.norm.w'];

describe('names that a wrapper of training left', () => {
  it.each<[string, (name: string) => string]>([
    ['torch.compile', (name) => `_orig_mod.${name}`],
    ['torch.compile of each layer', (name) => name.replace('layers.0.', 'layers.0._orig_mod.')],
    ['DataParallel', (name) => `module.${name}`],
    ['both', (name) => `module._orig_mod.${name}`],
    ['FSDP', (name) => `_fsdp_wrapped_module.${name.replace('.mlp', '._checkpoint_wrapped_module.mlp')}`],
    ['a module around the model', (name) => `model.${name}`],
  ])('are taken off, and named: %s', async (_, wrap) => {
    const wrapped = own.map(wrap);
    const changed = own.filter((name, i) => name !== wrapped[i]);
    const checkpoint = await open(wrapped);
    expect([...checkpoint.tensors.keys()].sort()).toEqual(own);
    for (const [i, name] of own.entries()) {
      expect(checkpoint.tensors.get(name)).toMatchObject({ name, shape: [1] });
      expect([...(await checkpoint.readRaw(name))]).toEqual([i]);
      expect([...(await checkpoint.readRange(name, 0, 1))]).toEqual([i]);
    }
    expect(checkpoint.findings).toMatchObject([
      { code: 'wrapped-names', severity: 'warning', tensors: changed },
    ]);
    expect(checkpoint.findings?.[0]?.message).toContain(wrap(changed[0] ?? ''));
    expect(checkpoint.findings?.[0]?.remedy).toContain(changed[0]);
  });

  it.each<[string, readonly string[]]>([
    ['names of a model', own],
    ['a part that is called model', ['model.vision_tower.w', 'model.language_model.norm.w']],
    ['only some of the names begin so', ['module.a', 'b']],
  ])('stay as they are: %s', async (_, names) => {
    const checkpoint = await open(names);
    expect([...checkpoint.tensors.keys()]).toEqual(names);
    expect(checkpoint.findings).toEqual([]);
  });

  it('are refused where two of them are one tensor', async () => {
    await expect(open(['_orig_mod.a', 'a'])).rejects.toMatchObject({
      code: 'bad-file',
      details: { tensor: 'a' },
    });
  });
});
