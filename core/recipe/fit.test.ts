import { describe, expect, it } from 'vitest';
import { svdBasis } from '../gates/basis.ts';
import { buildSafetensors } from '../safetensors/write.ts';
import { readRecipeFile } from './file.ts';
import { fitRecipe, type OpenModels } from './fit.ts';
import { recipeKey } from './recipe.ts';
import { recipe, text } from './testing/recipe.ts';

describe('a recipe applied to open models', () => {
  const slots = [
    { id: 'layers.0.self_attn.q_proj', rank: 5 },
    { id: 'layers.0.mlp.up_proj', rank: 300 },
    { id: 'layers.1.mlp.up_proj', rank: 4 },
  ];
  const open: OpenModels = {
    basis: svdBasis,
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

  it('is refused in another basis than its own, by the names of both', () => {
    const drawn = { ...recipe, basis: { id: 'random', seed: 3 } as const };
    expect(() => fitRecipe(drawn, open)).toThrow(
      'The recipe’s gates are of random orthonormal directions (seed 3), and the open models have theirs in singular vectors of the task vector (SVD): its gates would go to other pieces. Change the basis first.',
    );
    for (const basis of [
      { id: 'random', seed: 4 },
      { id: 'neurons', seed: null },
    ] as const)
      expect(() => fitRecipe(drawn, { ...open, basis })).toThrow(/Change the basis first/);
    expect(fitRecipe(drawn, { ...open, basis: drawn.basis }).field).toEqual(fitRecipe(recipe, open).field);
  });

  it('is refused where none of its layers is, or one has another rank', () => {
    expect(() =>
      fitRecipe(recipe, { ...open, slots: [{ id: 'layers.0.self_attn.q_proj', rank: 6 }] }),
    ).toThrow(/has 5 subspaces for layers\.0\.self_attn\.q_proj, and these models have 6/);
    expect(() =>
      fitRecipe(recipe, { ...open, slots: [{ id: 'layers.9.self_attn.q_proj', rank: 6 }] }),
    ).toThrow(
      /None of the recipe’s layers, such as layers\.0\.self_attn\.q_proj, is open here\. Either other layers were chosen/,
    );
    expect(() => fitRecipe({ ...recipe, slots: [] }, open)).toThrow(
      /has no layers: its list of slots is empty/,
    );
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
      code: 'missing',
      message: expect.stringMatching(
        /^photo\.jpg is an image, and no recipe is in it\. Choose it under “Try it”/,
      ),
    });
  });

  it('whose file has gone since it was chosen says which one it was', async () => {
    const gone = {
      name: 'recipe.json',
      size: 10,
      slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('It is gone.', 'NotFoundError')) }),
    };
    await expect(readRecipeFile(gone as never)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(/^recipe\.json cannot be read\. .* choose it again\.$/),
    });
  });
});
