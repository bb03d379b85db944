import { describe, expect, test } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { noise } from '../../backend/reference.ts';
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { findScales } from './weight-scales.ts';

const { signal } = new AbortController();
const layers = 20;
const [rows, columns] = [64, 48];
const nameOf = (layer: number) => `model.layers.${layer}.mlp.up_proj.weight`;
const values = (seed: number, layer: number) => noise(rows, columns, seed + layer).data;

/** The base where `change` is 0, and tuned from it by so much; each layer times its factor. */
function model(label: string, change: number, factor: (layer: number) => number = () => 1) {
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const [own, more] = [values(1, layer), values(500, layer)];
    const all = Float32Array.from(own, (value, i) => factor(layer) * (value + change * (more[i] ?? 0)));
    return {
      name: nameOf(layer),
      dtype: 'F32',
      shape: [rows, columns],
      bytes: encodeFloat32('F32', all),
    } as const;
  });
  return openCheckpoint(
    memoryFolder(label, { 'config.json': '{}', 'model.safetensors': buildSafetensors(tensors, new Map()) }),
  );
}

async function found(base: Checkpoint, vlm: Checkpoint, lrm: Checkpoint) {
  const paired = (checkpoint: Checkpoint) => ({
    label: checkpoint.label,
    spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()),
    tensors: checkpoint.tensors,
    adapted: checkpoint.adapted,
  });
  const { slots } = pairModels({ base: paired(base), vlm: paired(vlm), lrm: paired(lrm) });
  return findScales({ base, vlm, lrm }, slots, ['lrm', 'vlm'], signal);
}
const only = (bad: number, factor: number) => (layer: number) => (layer === bad ? factor : 1);

describe('sizes of weights', () => {
  test('nothing is said of tuned models, of unrelated ones and of the base itself', async () => {
    const base = await model('base', 0);
    for (const change of [0, 0.1, 0.4, 1])
      expect(await found(base, await model('vlm', 0.05), await model('lrm', change))).toEqual([]);
  });

  test.each([0, 3, 11, 19])('one layer of zeros: %i', async (layer) => {
    const [base, see] = [await model('base', 0), await model('see', 0.05)];
    const flat = await model('flat', 0.1, only(layer, 0));
    expect(await found(base, see, flat)).toMatchObject([
      {
        code: 'lrm-layers-zero',
        severity: 'warning',
        tensors: [nameOf(layer)],
        message: `The reasoning model flat holds nothing but zeros where the base has weights, in 1 of 20 linear layers that were sampled: ${nameOf(layer)}.`,
      },
    ]);
    expect(await found(base, flat, see)).toMatchObject([
      { code: 'vlm-layers-zero', tensors: [nameOf(layer)] },
    ]);
    expect(await found(flat, see, see)).toMatchObject([
      { code: 'base-layers-zero', tensors: [nameOf(layer)] },
    ]);
    // Zeros in all of them are a part of the model.
    expect(await found(flat, flat, flat)).toEqual([]);
  });

  test.each([1000, 3, 1e-3, 0.3, -1000])('one layer times %f, with the ratio', async (factor) => {
    const [base, see] = [await model('base', 0), await model('see', 0.05)];
    const scaled = await model('scaled', 0, only(7, factor));
    const said = `${nameOf(7)} is ${Math.abs(factor)} times as large`;
    expect(await found(base, see, scaled)).toMatchObject([
      { code: 'lrm-scale-differs', severity: 'warning', tensors: [nameOf(7)] },
    ]);
    expect((await found(base, see, scaled))[0]?.message).toContain(`in 1 of 20 linear layers`);
    expect((await found(base, see, scaled))[0]?.message).toContain(said);
    expect((await found(base, scaled, see))[0]).toMatchObject({ code: 'vlm-scale-differs' });
  });

  test('a whole model times 1000 names a few layers and lists all', async () => {
    const [finding] = await found(
      await model('base', 0),
      await model('see', 0.05),
      await model('x', 0, () => 1000),
    );
    expect(finding?.tensors).toHaveLength(layers);
    expect(finding?.message).toMatch(/ in 20 of 20 .* and 15 more\.$/);
  });

  test('zeros in the middle of a matrix alone are no matrix of zeros', async () => {
    const base = await model('base', 0);
    const data = values(1, 0).slice();
    data.fill(0, 700, 2400);
    const tensors = [...base.tensors.keys()].map((name, layer) => ({
      name,
      dtype: 'F32' as const,
      shape: [rows, columns],
      bytes: encodeFloat32('F32', Float32Array.from(layer === 3 ? data : values(1, layer))),
    }));
    const pruned = await openCheckpoint(
      memoryFolder('pruned', {
        'config.json': '{}',
        'model.safetensors': buildSafetensors(tensors, new Map()),
      }),
    );
    expect(await found(base, base, pruned)).toEqual([]);
  });

  test('an adapter that changes weights by several times their size', async () => {
    const base = await model('base', 0);
    const adapter = (alpha: number) => {
      const factors = Array.from({ length: layers }, (_, layer) => {
        const module = `base_model.model.${nameOf(layer).replace(/\.weight$/, '')}`;
        const factor = (name: string, shape: readonly [number, number], seed: number) => ({
          name: `${module}.lora_${name}.weight`,
          dtype: 'F32' as const,
          shape,
          bytes: encodeFloat32('F32', Float32Array.from(noise(shape[0], shape[1], seed + layer).data)),
        });
        return [factor('A', [2, columns], 900), factor('B', [rows, 2], 950)];
      }).flat();
      const config = { peft_type: 'LORA', r: 2, lora_alpha: alpha, target_modules: ['up_proj'] };
      return openAdapter(
        memoryFolder('adapter', {
          'adapter_config.json': JSON.stringify(config),
          'adapter_model.safetensors': buildSafetensors(factors, new Map()),
        }),
        base,
      );
    };
    expect(await found(base, base, await adapter(0.2))).toEqual([]);
    const [finding, ...more] = await found(base, base, await adapter(200));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'lrm-scale-differs', severity: 'warning' });
    expect(finding?.tensors).toHaveLength(8);
    expect(finding?.message).toMatch(/up_proj\.weight by [\d.]+ times its size/);
  });
});
