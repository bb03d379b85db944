/** Recipes against models: the very ones, the same by another decomposition, others by the same names. */
import { svdBasis, type Basis } from '../gates/basis.ts';
import { defaultOptions } from '../objective/options.ts';
import { describe, expect, it } from 'vitest';
import { compareRecipe, type OpenTrio } from './compare.ts';
import type { Recipe, RecipeSlot } from './recipe.ts';

const hash = (n: number): string => n.toString(16).padStart(64, '0');
const sigmas = Float32Array.of(4, 2, 2 - 1e-6, 1);
const layer = (id: string, part: Partial<RecipeSlot> = {}): RecipeSlot => ({
  id,
  rank: 4,
  gates: Float32Array.of(1, 0.5, 0.25, 0),
  locks: new Uint8Array(4),
  factors: hash(10),
  singularValues: sigmas,
  ...part,
});
const input = (label: string, n: number) => ({ label, architecture: 'Llama', sha256: hash(n) });
const recipe: Recipe = {
  studio: '0.1.0',
  method: 'frism',
  inputs: { base: input('base', 1), vlm: input('vlm', 2), lrm: input('lrm', 3) },
  options: { ...defaultOptions, steps: 10 },
  kernel: 'k 1',
  step: 10,
  basis: svdBasis,
  budget: null,
  slots: [layer('a'), layer('b', { factors: hash(11) })],
  metrics: [],
  run: null,
  preset: null,
  findings: [],
};
const slots = [
  { id: 'a', rank: 4 },
  { id: 'b', rank: 4 },
];
const identity = {
  kernel: 'k 1',
  inputs: { base: hash(1), vlm: hash(2), lrm: hash(3) },
  factors: [hash(10), hash(11)],
};
const open: OpenTrio = {
  basis: svdBasis,
  slots,
  singularValues: [sigmas, sigmas],
  models: recipe.inputs,
  identity,
};
const codes = (trio: OpenTrio, of = recipe) =>
  compareRecipe(of, trio).findings.map(({ code, severity, tensors }) => [code, severity, ...tensors]);
const fits = (trio: OpenTrio, of = recipe) => Object.fromEntries(compareRecipe(of, trio).layers);

describe('a recipe of another basis', () => {
  const random = (seed: number): Basis => ({ id: 'random', seed });
  const drawn = { ...recipe, basis: random(3) };

  it.each([svdBasis, random(4), { id: 'neurons', seed: null } as const])(
    'fits nowhere in models that have %o, whatever else agrees, and it is an error',
    (basis) => {
      expect(fits({ ...open, basis }, drawn)).toEqual({ a: 'unfit', b: 'unfit' });
      expect(codes({ ...open, basis }, drawn)).toEqual([
        ['same-models', 'info'],
        ['other-basis', 'error'],
      ]);
      expect(codes({ ...open, basis: random(3) })).toContainEqual(['other-basis', 'error']);
    },
  );

  it('fits in its own, and strengths that are others are other pieces even of the same task vector', () => {
    const here = { ...open, basis: random(3) };
    expect(fits(here, drawn)).toEqual({ a: 'same', b: 'same' });
    const again = { ...here, identity: { ...identity, factors: [hash(20), hash(21)] } };
    expect(fits(again, drawn)).toEqual({ a: 'turned', b: 'turned' });
    const others = { ...again, singularValues: [Float32Array.of(4, 2.1, 2, 0.5), sigmas] };
    expect(fits(others, drawn)).toEqual({ a: 'other', b: 'turned' });
  });
});

describe('a recipe beside open models', () => {
  it('finds its own again by their hashes, whatever they are called', () => {
    const renamed = { ...recipe.inputs, lrm: { label: 'copy of lrm', architecture: 'Llama' } };
    expect(codes({ ...open, models: renamed })).toEqual([['same-models', 'info']]);
    expect(fits(open)).toEqual({ a: 'same', b: 'same' });
  });

  it('of another decomposition fits, and near-equal subspaces with different gates are counted', () => {
    const turned = { ...open, identity: { ...identity, kernel: 'k 2', factors: [hash(20), hash(11)] } };
    expect(fits(turned)).toEqual({ a: 'turned', b: 'same' });
    expect(codes(turned)).toEqual([
      ['same-models', 'info'],
      ['turned', 'warning', 'a: 1 pair'],
    ]);
    const alike = { ...recipe, slots: [layer('a', { gates: Float32Array.of(1, 0.5, 0.5, 0) })] };
    expect(codes(turned, alike)).toEqual([
      ['same-models', 'info'],
      ['turned', 'info', 'a'],
      ['not-in-recipe', 'info', 'b'],
    ]);
    // One gate everywhere: the basis does not matter.
    expect(
      fits(turned, {
        ...recipe,
        slots: [layer('a', { gates: new Float32Array(4).fill(0.5), singularValues: null })],
      }),
    ).toEqual({ a: 'same' });
  });

  it('of other models under the same names is told by singular values, and where it has none by the hash', () => {
    const retuned: OpenTrio = {
      ...open,
      singularValues: [Float32Array.of(4, 2, 2, 1.01), sigmas],
      identity: { ...identity, inputs: { ...identity.inputs, lrm: hash(33) }, factors: [hash(20), hash(21)] },
    };
    expect(fits(retuned)).toEqual({ a: 'other', b: 'turned' });
    expect(codes(retuned)).toEqual([
      ['other-lrm', 'warning'],
      ['other-subspaces', 'warning', 'a'],
      ['turned', 'warning', 'b: 1 pair'],
    ]);
    const without = { ...recipe, slots: recipe.slots.map((slot) => ({ ...slot, singularValues: null })) };
    expect(fits(retuned, without)).toEqual({ a: 'other', b: 'other' });
    const constant = {
      ...recipe,
      slots: [layer('a', { gates: new Float32Array(4).fill(0.3), singularValues: null })],
    };
    expect(fits(retuned, constant)).toEqual({ a: 'unproven' });
  });

  it('names what is absent, of another rank, or of another architecture', () => {
    const smaller: OpenTrio = {
      ...open,
      slots: [
        { id: 'a', rank: 3 },
        { id: 'c', rank: 4 },
      ],
      models: { ...recipe.inputs, base: { label: 'base', architecture: 'Qwen2' } },
      identity: null,
    };
    expect(fits(smaller)).toEqual({ a: 'unfit', b: 'unfit' });
    expect(codes(smaller)).toEqual(
      [
        ['not-compared', 'warning'],
        ['layer-absent', 'warning', 'b'],
        ['rank-differs', 'warning', 'a: 4 in the recipe, 3 here'],
        ['not-in-recipe', 'info', 'c'],
      ].toSpliced(0, 0, ['other-base', 'error']),
    );
  });

  it('without bytes and without singular values proves nothing, and says so', () => {
    const old = { ...recipe, slots: recipe.slots.map((slot) => ({ ...slot, singularValues: null })) };
    expect(fits({ ...open, identity: null }, old)).toEqual({ a: 'unproven', b: 'unproven' });
    expect(codes({ ...open, identity: null }, old)).toEqual([['not-compared', 'warning']]);
    expect(fits({ ...open, identity: null })).toEqual({ a: 'turned', b: 'turned' });
    const off = [sigmas, sigmas.map((sigma) => sigma * (1 + 1e-6))];
    expect(fits({ ...open, identity: null, singularValues: off })).toEqual({ a: 'turned', b: 'turned' });
  });

  it('under a budget compares the subspaces that have gates of their own', () => {
    const budgeted = {
      ...recipe,
      budget: 2,
      slots: [
        layer('a', {
          gates: Float32Array.of(1, 0.5, 0.25),
          locks: new Uint8Array(3),
          singularValues: sigmas.slice(0, 2),
        }),
      ],
    };
    const elsewhere = {
      ...open,
      identity: { ...identity, inputs: { ...identity.inputs, lrm: hash(33) }, factors: [hash(20), hash(21)] },
    };
    expect(fits(elsewhere, budgeted)).toEqual({ a: 'turned' });
    expect(fits({ ...elsewhere, singularValues: [Float32Array.of(4, 2.1, 2, 1), null] }, budgeted)).toEqual({
      a: 'other',
    });
  });
});
