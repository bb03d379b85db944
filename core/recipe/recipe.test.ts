import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DistillOptions } from '../objective/options.ts';
import { parseHeader } from '../safetensors/header.ts';
import { buildSafetensors } from '../safetensors/write.ts';
import { encodeRecipe } from './encode.ts';
import { parseRecipe } from './parse.ts';
import { recipeKey, type Recipe } from './recipe.ts';
import { changed, recipe, slot, text } from './testing/recipe.ts';

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

  it('reads a zero with a sign as a zero', () => {
    const signed = encodeRecipe({ ...recipe, slots: [slot('a', Float32Array.of(0, 0.5, 0))] }).replace(
      '[0,0.5,0]',
      '[-0,0.5,-0]',
    );
    expect(signed).toContain('[-0,0.5,-0]');
    expect([...(parseRecipe(signed).slots[0]?.gates ?? [])].every((gate) => !Object.is(gate, -0))).toBe(true);
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

  it('carries the basis that its gates are of; one without, old ones among them, is of the SVD', () => {
    for (const basis of [
      { id: 'random', seed: 2 ** 32 - 1 },
      { id: 'random', seed: 0 },
      { id: 'neurons', seed: null },
      { id: 'svd-vlm', seed: null },
    ] as const) {
      const other = { ...recipe, basis };
      expect(parseRecipe(encodeRecipe(other))).toEqual(other);
    }
    expect(encodeRecipe(recipe)).not.toContain('basis":{');
    expect(parseRecipe(text).basis).toEqual({ id: 'svd', seed: null });
    expect(parseRecipe(changed((json) => Object.assign(json, { basis: { id: 'svd' } })))).toEqual(recipe);
    for (const id of ['hadamard', 'constructor', '__proto__', 7, null])
      expect(() => parseRecipe(changed((json) => Object.assign(json, { basis: { id } })))).toThrow(
        expect.objectContaining({
          code: 'unsupported',
          message: expect.stringMatching(/gates in the basis .* this studio knows svd, random, neurons/),
        }),
      );
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
        1: (one) => new Map([...one].filter(([key]) => key !== 'svd')).set('kernel', one.get('svd') ?? null),
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
