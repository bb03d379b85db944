import { roles } from '../../../core/family/trio.ts';
import { describe, expect, test } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { noise } from '../../backend/reference.ts';
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { findKinship } from './kinship.ts';
import { asStored, correlation, spread } from './weight-sample.ts';
import type { Checkpoint } from '../../io/contract.ts';

const { signal } = new AbortController();
const names = Array.from({ length: 12 }, (_, i) => `model.layers.${i}.mlp.up_proj.weight`);
/** As a type of 16 bits would hold them, stored in 32. */
const rounded = (dtype: 'F16' | 'BF16', values: Float64Array): Float64Array =>
  Float64Array.from(asStored(dtype, Float32Array.from(values)));
const model = (
  label: string,
  values: (layer: number) => Float64Array,
  dtype: 'F32' | 'F16' | 'BF16' = 'F32',
): Promise<Checkpoint> => {
  const tensors = names.map((name, layer) => ({
    name,
    dtype,
    shape: [64, 48],
    bytes: encodeFloat32(dtype, Float32Array.from(values(layer))),
  }));
  return openCheckpoint(
    memoryFolder(label, { 'config.json': '{}', 'model.safetensors': buildSafetensors(tensors, new Map()) }),
  );
};
const weights = (seed: number) => (layer: number) => Float64Array.from(noise(64, 48, seed + layer).data);
/** The first model tuned with other data for each seed. */
const tuned = (seed: number) => (layer: number) => {
  const change = weights(seed)(layer);
  return weights(1)(layer).map((value, i) => value + 0.1 * (change[i] ?? 0));
};
/** The same after both tunings. */
const both = (layer: number) => {
  const [one, other] = [tuned(300)(layer), tuned(600)(layer)];
  return weights(1)(layer).map((value, i) => (one[i] ?? 0) + (other[i] ?? 0) - value);
};

async function codes(base: Checkpoint, vlm: Checkpoint, lrm: Checkpoint) {
  const paired = (checkpoint: Checkpoint) => ({
    label: checkpoint.label,
    spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()),
    tensors: checkpoint.tensors,
  });
  const { slots } = pairModels({ base: paired(base), vlm: paired(vlm), lrm: paired(lrm) });
  return (await findKinship({ base, vlm, lrm }, slots, ['lrm', 'vlm'], signal)).map(
    ({ code, severity }) => `${severity} ${code}`,
  );
}

describe('kinship', () => {
  test('tuned, untouched and unrelated models are told apart', async () => {
    const [base, near, other, far] = [
      await model('base', weights(1)),
      await model('near', tuned(300)),
      await model('other', tuned(600)),
      await model('far', weights(900)),
    ];
    expect(await codes(base, near, other)).toEqual(['info lrm-from-base', 'info vlm-from-base']);
    expect(await codes(base, near, far)).toEqual(['error lrm-not-from-base', 'info vlm-from-base']);
    expect(await codes(base, far, near)).toEqual(['info lrm-from-base', 'error vlm-not-from-base']);
    expect(await codes(base, base, base)).toEqual(['error lrm-equals-base', 'info vlm-equals-base']);
  });

  test.each(['BF16', 'F16'] as const)(
    'the base rounded to %s is the base, and a tune of it is not',
    async (dtype) => {
      const base = await model('base', weights(1));
      expect(
        await codes(base, await model('near', tuned(300)), await model('same', weights(1), dtype)),
      ).toEqual(['error lrm-equals-base', 'info vlm-from-base']);
      const inFull = await model('same', (layer) => rounded(dtype, weights(1)(layer)));
      expect(await codes(base, await model('near', tuned(300)), inFull)).toEqual([
        'error lrm-equals-base',
        'info vlm-from-base',
      ]);
      expect(
        await codes(base, await model('near', tuned(300)), await model('other', tuned(600), dtype)),
      ).toEqual(['info lrm-from-base', 'info vlm-from-base']);
      expect(
        await codes(await model('base', weights(1), dtype), base, await model('other', tuned(600), dtype)),
      ).toEqual(['info vlm-equals-base', 'info lrm-from-base']);
    },
  );

  test('a model is not of this base where some of its layers are not, whatever the others are', async () => {
    const [base, see] = [await model('base', weights(1)), await model('see', tuned(300))];
    const swapped: Record<number, number> = { 1: 10, 10: 1, 4: 7, 7: 4 };
    const lrmWith = (values: (layer: number) => Float64Array) => model('lrm', values);
    const expected = ['error lrm-layers-not-from-base', 'info vlm-from-base'];
    // Layers in another order, neurons in another order, layers that were trained anew.
    const order = await lrmWith((layer) => tuned(600)(swapped[layer] ?? layer));
    expect(await codes(base, see, order)).toEqual(expected);
    const neurons = await lrmWith((layer) => (layer < 4 ? tuned(600)(layer).reverse() : tuned(600)(layer)));
    expect(await codes(base, see, neurons)).toEqual(expected);
    const anew = await lrmWith((layer) => (layer >= 8 ? weights(900) : tuned(600))(layer));
    expect(await codes(base, see, anew)).toEqual(expected);
    expect(await codes(base, anew, see)).toEqual(['info lrm-from-base', 'error vlm-layers-not-from-base']);
  });

  test('layers of which nothing can be said are named', async () => {
    const [base, see] = [await model('base', weights(1)), await model('see', tuned(300))];
    for (const value of [0, 0.5, NaN]) {
      const flat = await model('flat', (layer) =>
        layer < 6 ? new Float64Array(64 * 48).fill(value) : tuned(600)(layer),
      );
      expect(await codes(base, see, flat)).toEqual([
        'info lrm-from-base',
        'warning lrm-layers-constant',
        'info vlm-from-base',
      ]);
    }
  });

  test('models that are given in other roles than they have are told by how their changes lie', async () => {
    const of = async (label: string, values: (layer: number) => Float64Array) => model(label, values);
    const [base, see, reason, merged] = [
      await of('base', weights(1)),
      await of('see', tuned(300)),
      await of('reason', tuned(600)),
      await of('merged', both),
    ];
    const kin = ['info lrm-from-base', 'info vlm-from-base'];
    // The VLM contains the reasoning model; base and reasoning model are exchanged.
    expect(await codes(base, merged, reason)).toEqual([...kin, 'error vlm-from-lrm']);
    expect(await codes(reason, see, base)).toEqual([...kin, 'error vlm-from-lrm']);
    // The reasoning model was tuned from the VLM, and is the VLM.
    expect(await codes(base, see, merged)).toEqual([...kin, 'error lrm-from-vlm']);
    expect(await codes(base, see, see)).toEqual([...kin, 'error lrm-equals-vlm']);
    // Between the two, as a merge of both is.
    const middle = await of('middle', (layer) => {
      const [one, other] = [tuned(300)(layer), tuned(600)(layer)];
      return one.map((value, i) => (value + (other[i] ?? 0)) / 2);
    });
    expect(await codes(middle, see, reason)).toEqual([...kin, 'error base-between-models']);
    // Both tuned from a model that was itself tuned from the base.
    const later = (seed: number) => (layer: number) => {
      const [first, then] = [tuned(300)(layer), weights(seed)(layer)];
      return first.map((value, i) => value + 0.12 * (then[i] ?? 0));
    };
    expect(await codes(base, await of('a', later(800)), await of('b', later(700)))).toEqual([
      ...kin,
      'warning changes-shared',
    ]);
    // A VLM that was merged with a part of the reasoning model.
    const partly = (share: number, own: number) => (layer: number) => {
      const [first, seen, reasoned] = [weights(1)(layer), tuned(300)(layer), tuned(600)(layer)];
      return first.map(
        (value, i) => value + own * ((seen[i] ?? 0) - value) + share * ((reasoned[i] ?? 0) - value),
      );
    };
    expect(await codes(base, await of('partly', partly(0.3, 1)), reason)).toEqual([
      ...kin,
      'warning changes-shared',
    ]);
    expect(await codes(base, await of('mostly', partly(0.4, 0.2)), reason)).toEqual([
      ...kin,
      'error vlm-from-lrm',
    ]);
    // A base that is of neither family.
    const far = await of('far', weights(900));
    expect(await codes(far, see, reason)).toEqual([
      'error lrm-not-from-base',
      'error vlm-not-from-base',
      'error base-not-of-both',
    ]);
  });

  test('an adapter is compared by its factors: from before its training it changes nothing', async () => {
    const adapter = async (strength: number, base: Checkpoint) => {
      const factor = (name: string, rows: number, columns: number, scale: number, seed: number) => ({
        name,
        dtype: 'F32' as const,
        shape: [rows, columns],
        bytes: new Uint8Array(
          Float32Array.from(noise(rows, columns, seed).data, (value) => scale * value).buffer,
        ),
      });
      const tensors = names.flatMap((name, i) => {
        const module = `base_model.model.${name.replace('.weight', '')}`;
        return [
          factor(`${module}.lora_A.weight`, 4, 48, 1, 40 + i),
          factor(`${module}.lora_B.weight`, 64, 4, strength, 60 + i),
        ];
      });
      const config = { peft_type: 'LORA', r: 4, lora_alpha: 4, target_modules: ['up_proj'] };
      return openAdapter(
        memoryFolder('adapter', {
          'adapter_config.json': JSON.stringify(config),
          'adapter_model.safetensors': buildSafetensors(tensors, new Map()),
        }),
        base,
      );
    };
    const base = await model('base', weights(1));
    const see = await model('see', tuned(300));
    expect(await codes(base, see, await adapter(0, base))).toEqual([
      'error lrm-equals-base',
      'info vlm-from-base',
    ]);
    const trained = await adapter(0.1, base);
    expect(await codes(base, see, trained)).toEqual(['info vlm-from-base']);
    // A VLM into which the adapter was merged before.
    const merged: Float64Array[] = [];
    for (const name of names) merged.push(Float64Array.from(await trained.readFloat32(name)));
    const holds = await model('holds', (layer) => merged[layer] ?? new Float64Array());
    expect(await codes(base, holds, trained)).toContain('error vlm-from-lrm');
  });

  test('a change in one layer alone is a change', async () => {
    const base = await model('base', weights(1));
    const one = await model('one', (layer) => (layer === 5 ? tuned(300)(5) : weights(1)(layer)));
    expect(await codes(base, base, one)).toEqual(['info vlm-equals-base', 'info lrm-from-base']);
  });

  test('the demo trio is one family', async () => {
    const [base, vlm, lrm] = await Promise.all(
      roles.map((role) => openCheckpoint(nodeDirectory(`public/models/demo/${role}`, role))),
    );
    expect(await codes(base as Checkpoint, vlm as Checkpoint, lrm as Checkpoint)).toEqual([
      'info lrm-from-base',
      'info vlm-from-base',
    ]);
  });

  test('correlation is Pearson’s, whatever scale and offset', () => {
    const a = Float32Array.of(1, 2, 3, 5);
    expect(
      correlation(
        a,
        a.map((value) => 3 - 2 * value),
      ),
    ).toBeCloseTo(-1, 12);
    // numpy.corrcoef([1, 2, 3, 5], [2, 1, 4, 3])[0, 1]
    expect(correlation(a, Float32Array.of(2, 1, 4, 3))).toBeCloseTo(0.5291502622129182, 12);
    expect(correlation(a, new Float32Array(4))).toBeNaN();
  });
});

test.each([3, 8, 9, 12, 15, 28, 112, 196, 210])(
  'of %i layers the sampled ones lie at all depths',
  (count) => {
    const chosen = spread(
      Array.from({ length: count }, (_, i) => i),
      8,
    );
    expect(new Set(chosen).size).toBe(Math.min(8, count));
    const gaps = [...chosen, count].map((place, i) => place - (chosen[i - 1] ?? -1));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.ceil(count / 8));
    if (count % 7 === 0) expect(new Set(chosen.map((place) => place % 7)).size).toBeGreaterThan(4);
  },
);
