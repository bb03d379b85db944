import { beforeAll, describe, expect, it } from 'vitest';
import { readArrays } from '../../test/checkpoint.ts';
import { openAdapter, isAdapter } from './adapter.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './contract.ts';
import { nodeDirectory } from './directory.node.ts';
import { memoryFolder } from './memory-folder.ts';

const folder = (name: string) => nodeDirectory(`zoo/reference/adapter/${name}`, name);
let base: Checkpoint;
let merged: Awaited<ReturnType<typeof readArrays>>;
beforeAll(async () => {
  base = await openCheckpoint(folder('base'));
  merged = await readArrays('zoo/reference/adapter/merged.safetensors');
});

describe('a LoRA adapter read as a model', () => {
  it.each([
    ['plain', 14],
    ['rslora', 14],
    ['patterns', 8],
  ])('%s: the weights that peft merges, and the base everywhere else', async (name, adapted) => {
    expect(await isAdapter(folder(name))).toBe(true);
    const model = await openAdapter(folder(name), base);
    expect(model.adapted?.size).toBe(adapted);
    expect([...model.tensors.keys()]).toEqual([...base.tensors.keys()]);
    for (const tensor of base.tensors.keys()) {
      const values = await model.readFloat32(tensor);
      if (!model.adapted?.has(tensor)) {
        expect(values).toEqual(await base.readFloat32(tensor));
        expect(await model.lowRank?.(tensor)).toBeNull();
        continue;
      }
      const expected = merged(`${name}/${tensor}`).data;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? 0)), `${tensor}[${i}]`).toBeLessThan(2e-6 * largest));
      expect(model.tensors.get(tensor)).toMatchObject({ dtype: 'F32', sizeBytes: 4 * values.length });
      expect(new Float32Array((await model.readRange(tensor, 16, 32)).buffer)).toEqual(values.slice(4, 8));
    }
  });

  it('is not a plain checkpoint, and a plain checkpoint is not one', async () => {
    expect(await isAdapter(folder('base'))).toBe(false);
    await expect(openCheckpoint(memoryFolder('x', { 'config.json': '{}' }))).rejects.toMatchObject({ code: 'missing' });
  });
});

describe('refuses', () => {
  const weights = async (name = 'plain') => {
    const source = await folder(name).open('adapter_model.safetensors');
    return (await source?.read(0, source.sizeBytes)) ?? new Uint8Array();
  };
  const config = async () => JSON.parse((await readText('plain', 'adapter_config.json')) ?? '') as Record<string, unknown>;
  const readText = async (name: string, path: string) => {
    const source = await folder(name).open(path);
    return source && new TextDecoder().decode(await source.read(0, source.sizeBytes));
  };
  const open = async (changes: Record<string, unknown>, on = base) =>
    openAdapter(memoryFolder('a', { 'adapter_config.json': JSON.stringify({ ...(await config()), ...changes }), 'adapter_model.safetensors': await weights() }), on);

  it.each([
    [{ peft_type: 'IA3' }, /type "IA3"/],
    [{ use_dora: true }, /DoRA/],
    [{ fan_in_fan_out: true }, /transposed/],
    [{ lora_alpha: 'much' }, /lora_alpha must be a positive number/],
    [{ lora_alpha: 0 }, /positive/],
    [{ alpha_pattern: { '(a+)+$': 3 } }, /only plain module names/],
    [{ layer_replication: [[0, 4]] }, /replicates layers/],
  ])('%j', async (changes, message) => {
    await expect(open(changes)).rejects.toThrow(message);
  });

  it('an adapter of another model, naming tensor and shapes', async () => {
    const other = await openCheckpoint(nodeDirectory('public/models/demo/base', 'demo'));
    await expect(open({}, other)).rejects.toMatchObject({ code: 'mismatch', details: { tensor: expect.stringContaining('lora_A') as string } });
  });

  it('broken JSON and a config of another kind', async () => {
    const file = await weights();
    await expect(openAdapter(memoryFolder('a', { 'adapter_config.json': '{', 'adapter_model.safetensors': file }), base)).rejects.toMatchObject({ code: 'bad-file' });
    await expect(openAdapter(memoryFolder('a', { 'adapter_config.json': '[]', 'adapter_model.safetensors': file }), base)).rejects.toMatchObject({ code: 'bad-file' });
  });
});
