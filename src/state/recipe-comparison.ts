/** How a recipe that was opened and the open models agree, and what of it would be applied. */
import { compareRecipe, type RecipeComparison } from '../../core/recipe/compare.ts';
import type { Recipe } from '../../core/recipe/recipe.ts';
import type { StudioState } from './types.ts';

type Inputs = readonly [
  Recipe,
  StudioState['recipe']['identity'],
  StudioState['session'],
  StudioState['spectra'],
];

/** Of the last inputs: whether a recipe can be applied is asked again and again, and comparing takes time. */
let last: { readonly inputs: Inputs; readonly comparison: RecipeComparison } | null = null;

/** Null without a recipe or without models. The same object as long as nothing that it depends on has changed. */
export function recipeComparison({
  recipe: { recipe, identity },
  session,
  spectra,
}: Pick<StudioState, 'recipe' | 'session' | 'spectra'>): RecipeComparison | null {
  if (!recipe || !session) return null;
  const inputs: Inputs = [recipe, identity, session, spectra];
  if (last?.inputs.every((value, i) => value === inputs[i])) return last.comparison;
  const singularValues = session.slots.map((_, i) => spectra[i]?.singularValues ?? null);
  const comparison = compareRecipe(recipe, {
    basis: session.basis,
    slots: session.slots,
    singularValues,
    models: session.models,
    identity,
  });
  last = { inputs, comparison };
  return comparison;
}

/** Those layers of the recipe that would be applied. `foreign`: also where the subspaces are others. */
export function chosenLayers(
  recipe: Recipe,
  { layers }: RecipeComparison,
  foreign: boolean,
): Recipe['slots'] {
  return recipe.slots.filter(({ id }) => {
    const fit = layers.get(id);
    return fit !== undefined && fit !== 'unfit' && (foreign || fit !== 'other');
  });
}
