/**
 * The gate field that a recipe means for the models that are open. Layers are found by name, and a layer that
 * the recipe lacks keeps its gates. `compare.ts` says whether the subspaces are those of the recipe.
 */
import { StudioError } from '../errors.ts';
import { makeLayout, type GateField, type GateLayout } from '../gates/field.ts';
import type { Recipe } from './recipe.ts';

export interface OpenModels {
  readonly slots: readonly { readonly id: string; readonly rank: number }[];
  /** The gates that layers without a place in the recipe keep, under the recipe's budget. */
  readonly kept: (layout: GateLayout) => GateField;
}

export interface FittedRecipe {
  /** The layout of the recipe's budget, which the session must be given first. */
  readonly layout: GateLayout;
  readonly field: GateField;
  readonly options: Recipe['options'];
}

/**
 * Throws `mismatch` when no layer of the recipe is there, or one has another rank: gates belong to subspaces,
 * and those would be others.
 */
export function fitRecipe(recipe: Recipe, open: OpenModels): FittedRecipe {
  const layout = makeLayout(open.slots, recipe.budget);
  const given = new Map(recipe.slots.map((slot) => [slot.id, slot]));
  const { values, locks } = open.kept(layout);
  const field = { values: values.slice(), locks: locks.slice() };
  let found = 0;
  for (const { id, rank, gates, offset } of layout.slots) {
    const slot = given.get(id);
    if (!slot) continue;
    if (slot.rank !== rank || slot.gates.length !== gates) {
      throw new StudioError(
        'mismatch',
        `The recipe has ${slot.rank} subspaces for ${id}, and these models have ${rank}. It was made for other models.`,
        { details: { tensor: id, value: slot.rank } },
      );
    }
    field.values.set(slot.gates, offset);
    field.locks.set(slot.locks, offset);
    found += 1;
  }
  if (found === 0)
    throw new StudioError(
      'mismatch',
      `None of the recipe’s layers, such as ${recipe.slots[0]?.id ?? 'none'}, is open here. Either other layers were chosen than those that it has, or it was made for other models.`,
      { details: { value: recipe.slots[0]?.id ?? 'no layers' } },
    );

  return { layout, field, options: recipe.options };
}
