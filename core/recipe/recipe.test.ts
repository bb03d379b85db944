import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DistillOptions } from '../objective/options.ts';
import { StudioError } from '../errors.ts';
import { parseHeader } from '../safetensors/header.ts';
import { buildSafetensors } from '../safetensors/write.ts';
import { encodeRecipe } from './encode.ts';
import { readRecipeFile } from './file.ts';
import { fitRecipe, type OpenModels } from './fit.ts';
import { parseRecipe } from './parse.ts';
import { recipeKey, type Recipe, type RecipeSlot } from './recipe.ts';

const slot = (
  id: string,
  gates: Float32Array,
  locked: readonly number[] = [],
  rank = gates.length,
): RecipeSlot => {
  const locks = new Uint8Array(gates.length);
  for (const index of locked) locks[index] = 1;
  return { id, rank, gates, locks, factors: 'ab'.repeat(32), singularValues: null };
};

const recipe: Recipe = {
  studio: '0.1.0',
  method: 'frism',
  inputs: {
    base: { label: 'base "quoted"', architecture: 'LlamaForCausalLM', sha256: '0'.repeat(64) },
    vlm: { label: 'vlm', architecture: 'Idefics3ForConditionalGeneration', sha256: null },
    lrm: { label: 'ünïcödé', architecture: 'LlamaForCausalLM', sha256: null },
  },
  options: {
    lambda: 1.2,
    alpha: 0.4,
    beta: 0,
    gamma: 0,
    learningRate: 0.1,
    steps: 150,
    batchSize: 32,
    seed: 1,
    gateMax: 1,
    teacherTopK: null,
  },
  kernel: 'gram-dc 1',
  step: 120,
  budget: null,
  slots: [
    slot('layers.0.self_attn.q_proj', Float32Array.of(0.1, 0.5, 1 / 3, 1, 0), [1, 2, 4]),
    { ...slot('layers.0.mlp.up_proj', new Float32Array(300).fill(0.5)), factors: null },
  ],
  metrics: [{ name: 'perception', correct: 290, total: 300, low: 0.94, high: 0.98, backend: 'wasm' }],
  run: {
    steps: 120,
    losses: { total: -0.1, distill: 0.02, inject: -0.3, trace: null, composed: 0.5 },
    elapsedMs: 41_000,
    backend: 'wasm',
  },
  preset: { name: 'top-k', settings: { k: 32, lambda: 1 } },
};
const text = encodeRecipe(recipe);
const changed = (edit: (json: Record<string, never>) => void): string => {
  const json = JSON.parse(text) as Record<string, never>;
  edit(json);
  return JSON.stringify(json);
};

describe('a recipe', () => {
  it('comes back as it went, and equal recipes give equal texts', () => {
    const options: DistillOptions = parseRecipe(text).options;
    expect(options).toEqual(recipe.options);
    expect(parseRecipe(text)).toEqual(recipe);
    expect(encodeRecipe(parseRecipe(text))).toBe(text);
  });

  it('carries a top-k where there is one, and reads as before where there is none', () => {
    const lumped = { ...recipe, options: { ...recipe.options, teacherTopK: 64 } };
    expect(parseRecipe(encodeRecipe(lumped))).toEqual(lumped);
    expect(text).not.toContain('teacherTopK');
  });

  it('keeps every float32 gate exactly, in few characters', () => {
    const gate = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(gate, { minLength: 1, maxLength: 50 }), (values) => {
        const gates = Float32Array.from(values, Math.abs);
        expect(parseRecipe(encodeRecipe({ ...recipe, slots: [slot('a', gates)] })).slots[0]?.gates).toEqual(
          gates,
        );
      }),
      { numRuns: 1000 },
    );
    const many = Float32Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 10_007) / 10_007);
    expect(encodeRecipe({ ...recipe, slots: [slot('a', many)] }).length).toBeLessThan(10_000 * 12 + 1000);
    expect(
      encodeRecipe({ ...recipe, slots: [slot('a', new Float32Array(10_000).fill(0.5))] }).length,
    ).toBeLessThan(1500);
  });

  it('keeps any locks', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (flags) => {
        const locked = flags.flatMap((flag, i) => (flag ? [i] : []));
        const one = slot('a', new Float32Array(flags.length), locked);
        expect(parseRecipe(encodeRecipe({ ...recipe, slots: [one] })).slots[0]?.locks).toEqual(one.locks);
      }),
    );
  });

  it('travels in a safetensors file', () => {
    const file = buildSafetensors(
      [],
      new Map([
        ['format', 'pt'],
        [recipeKey, text],
      ]),
    );
    expect(parseRecipe(parseHeader(file, file.length, 'merged').metadata.get(recipeKey) ?? '')).toEqual(
      recipe,
    );
  });

  it('is not written with gates that are no numbers, or too few of them', () => {
    expect(() => encodeRecipe({ ...recipe, slots: [slot('a', Float32Array.of(NaN))] })).toThrow(/not finite/);
    expect(() =>
      encodeRecipe({ ...recipe, budget: 4, slots: [slot('a', Float32Array.of(1, 1), [], 300)] }),
    ).toThrow(/not as many as/);
  });

  it('carries its subspace budget; one without, old ones among them, has a gate for each subspace', () => {
    const small = slot('small', Float32Array.of(0.5, 0, 1), [0]);
    const budgeted: Recipe = {
      ...recipe,
      budget: 4,
      slots: [
        slot('a', Float32Array.of(1, 0.75, 0.5, 0.25, 0.1), [3, 4], 300),
        { ...slot('b', new Float32Array(5).fill(0.2), [], 6), factors: null },
        small,
      ],
    };
    expect(parseRecipe(encodeRecipe(budgeted))).toEqual(budgeted);
    expect(text).not.toContain('budget');
    expect(parseRecipe(text).budget).toBeNull();
    expect(parseRecipe(changed((json) => Object.assign(json, { budget: null })))).toEqual(recipe);
  });

  it('carries the singular values that gates were set on, and what was measured; older ones have neither', () => {
    const full: Recipe = {
      ...recipe,
      slots: [{ ...slot('a', Float32Array.of(1, 0.5, 0)), singularValues: Float32Array.of(2, 1 / 3, 1e-8) }],
    };
    expect(parseRecipe(encodeRecipe(full))).toEqual(full);
    const budgeted: Recipe = {
      ...recipe,
      budget: 2,
      slots: [{ ...slot('a', Float32Array.of(1, 0.5, 0), [], 300), singularValues: Float32Array.of(2, 1) }],
    };
    expect(parseRecipe(encodeRecipe(budgeted))).toEqual(budgeted);
    expect(() =>
      encodeRecipe({
        ...budgeted,
        slots: [{ ...slot('a', Float32Array.of(1, 0.5, 0), [], 300), singularValues: Float32Array.of(2) }],
      }),
    ).toThrow(/singular values of a/);
    const old = parseRecipe(
      changed((json) =>
        Object.assign(json, {
          run: undefined,
          preset: undefined,
          metrics: [{ name: 'perception', correct: 1, total: 2 }],
        }),
      ),
    );
    expect(old).toMatchObject({
      run: null,
      preset: null,
      metrics: [{ low: null, high: null, backend: null }],
    });
  });

  it('of an older version is migrated step by step, of a newer one refused', () => {
    const old = changed((json) => Object.assign(json, { kernel: undefined, svd: 'old' }));
    const newer = parseRecipe(
      old,
      {
        1: (one) => new Map(one).set('kernel', one.get('svd') ?? null),
        2: (two) => new Map(two).set('studio', 'migrated'),
      },
      3,
    );
    expect(newer).toMatchObject({ kernel: 'old', studio: 'migrated', step: 120 });
    expect(() => parseRecipe(text, {}, 2)).toThrow(/version 1 can no longer be read/);
    expect(() => parseRecipe(changed((json) => Object.assign(json, { version: 2 })))).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });
});

describe('hostile recipes are refused', () => {
  const set = (path: string, value: unknown): string =>
    changed((json) => {
      const keys = path.split('.');
      const last = keys.pop() as string;
      let holder: Record<string, unknown> = json;
      for (const key of keys) holder = holder[key] as Record<string, unknown>;
      holder[last] = value;
    });

  it.each<[string, unknown, RegExp]>([
    ['format', 'other', /format is not/],
    ['version', 0, /for "version"/],
    ['version', 1.5, /whole number/],
    ['method', 'ties', /method "ties"/],
    ['studio', 5, /for "studio"/],
    ['studio', 'x'.repeat(501), /short text/],
    ['inputs', null, /for "inputs"/],
    ['inputs.base', [], /for "base"/],
    ['inputs.base.sha256', 'ABC', /SHA-256/],
    ['options.lambda', -1, /for "lambda"/],
    ['options.lambda', '1', /for "lambda"/],
    ['options.batchSize', 0, /for "batchSize"/],
    ['options.gateMax', 0, /for "gateMax"/],
    ['options.teacherTopK', 0, /for "teacherTopK"/],
    ['options.teacherTopK', 2.5, /for "teacherTopK"/],
    ['options.gateMax', 0.4, /gate 0\.5/],
    ['step', -1, /for "step"/],
    ['run', [], /for "run"/],
    ['preset', 'iso-c', /for "preset"/],
    ['preset.settings.k', '3', /for "k"/],
    ['run.losses.distill', null, /for "distill"/],
    ['run.elapsedMs', -1, /for "elapsedMs"/],
    ['slots.0.singularValues', [2, 1], /has not 5 singular values/],
    ['slots.0.singularValues', [1, 2, 1, 1, 1], /singular value 2 /],
    ['slots.0.singularValues', [1, 1, 1, 1, -1], /singular value -1/],
    ['slots.0.singularValues', [1e39, 1, 1, 1, 1], /singular value/],
    ['budget', 0, /for "budget"/],
    ['budget', '16', /for "budget"/],
    ['budget', 2, /5 gates for .* rank 5 and a budget of 2 subspaces/],
    ['slots', {}, /for "slots"/],
    ['slots', [1], /for "slots"/],
    ['slots.0.id', null, /for "id"/],
    ['slots.1.id', 'layers.0.self_attn.q_proj', /a layer twice/],
    ['slots.0.rank', 4, /5 gates for .* rank 4/],
    ['slots.1.rank', 1e9, /for "rank"/],
    ['slots.1.gates', -0.1, /gate -0\.1/],
    ['slots.1.gates', 1.001, /gate 1\.001/],
    ['slots.1.gates', null, /gate null/],
    ['slots.0.gates.2', 'x', /gate "x"/],
    ['slots.0.locked', 3, /locked gates/],
    ['slots.0.locked', [[0, 6]], /locks \[0,6\]/],
    ['slots.0.locked', [[-1, 2]], /locks \[-1,2\]/],
    ['slots.0.locked', [[0, 0]], /locks/],
    ['slots.0.locked', [3], /locks 3/],
    ['slots.0.factors', 'zz', /SHA-256/],
    ['metrics', 'none', /for "metrics"/],
    ['metrics.0.correct', 301, /for "correct"/],
  ])('%s = %j', (path, value, message) => {
    const parse = () => parseRecipe(set(path, value));
    expect(parse).toThrow(StudioError);
    expect(parse).toThrow(message);
  });

  it('a recipe that asks for too much memory', () => {
    const slots = Array.from({ length: 100 }, (_, i) => ({
      id: `s${i}`,
      rank: 2 ** 17,
      gates: 0,
      locked: [],
      factors: null,
    }));
    expect(() => parseRecipe(set('slots', slots))).toThrow(/more than 4000000 gates/);
  });

  it('any other text', () => {
    const survives = (candidate: string): void => {
      try {
        parseRecipe(candidate);
      } catch (error) {
        expect(error).toBeInstanceOf(StudioError);
      }
    };
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), survives), { numRuns: 1000 });
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, put) =>
        survives(text.slice(0, at) + put + text.slice(at + put.length)),
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a recipe laid onto open models', () => {
  const slots = [
    { id: 'layers.0.self_attn.q_proj', rank: 5 },
    { id: 'layers.0.mlp.up_proj', rank: 300 },
    { id: 'layers.1.mlp.up_proj', rank: 4 },
  ];
  const open: OpenModels = {
    slots,
    kept: (layout) => ({
      values: new Float32Array(layout.size).fill(0.25),
      locks: new Uint8Array(layout.size).fill(1),
    }),
  };

  it('gives its gates and locks to the layers of its names, in any order, and leaves the others', () => {
    const { field, layout, options } = fitRecipe({ ...recipe, slots: [...recipe.slots].reverse() }, open);
    expect(layout).toMatchObject({ size: 309, budget: null });
    expect([...field.values.subarray(0, 5)]).toEqual([...(recipe.slots[0]?.gates ?? [])]);
    expect([...field.locks.subarray(0, 5)]).toEqual([0, 1, 1, 0, 1]);
    expect([...field.values.subarray(305)]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(options).toEqual(recipe.options);
  });

  it('is refused where none of its layers is, or one has another rank', () => {
    expect(() =>
      fitRecipe(recipe, { ...open, slots: [{ id: 'layers.0.self_attn.q_proj', rank: 6 }] }),
    ).toThrow(/has 5 subspaces for layers\.0\.self_attn\.q_proj, these models have 6/);
    expect(() =>
      fitRecipe(recipe, { ...open, slots: [{ id: 'layers.9.self_attn.q_proj', rank: 6 }] }),
    ).toThrow(/None of the recipe/);
  });

  it('is found in a file by itself and in the header of exported weights', async () => {
    const named = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
      Object.assign(new Blob([bytes]), { name });
    expect(await readRecipeFile(named('recipe.json', new TextEncoder().encode(text)))).toEqual(recipe);
    const tensors = [{ name: 'a', dtype: 'U8' as const, shape: [1], bytes: new Uint8Array(1) }];
    expect(
      await readRecipeFile(
        named('model.safetensors', buildSafetensors(tensors, new Map([[recipeKey, text]]))),
      ),
    ).toEqual(recipe);
    await expect(
      readRecipeFile(named('model.safetensors', buildSafetensors(tensors, new Map()))),
    ).rejects.toMatchObject({ code: 'missing' });
    await expect(readRecipeFile(named('photo.jpg', new Uint8Array([255, 216, 255])))).rejects.toMatchObject({
      code: 'bad-file',
    });
  });
});
