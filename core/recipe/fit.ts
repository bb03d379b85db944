/**
 * The gate field that a recipe means for the models that are open. Layers are found by name, and a layer that
 * the recipe lacks keeps its gates. `compare.ts` says whether the subspaces are those of the recipe.
 */
import { StudioError } from '../errors.ts';
import { describeBasis, sameBasis, type Basis } from '../gates/basis.ts';
import { makeLayout, type GateField, type GateLayout } from '../gates/field.ts';
import type { Recipe } from './recipe.ts';

export interface OpenModels {
  /** In which the open models have their gates. */
  readonly basis: Basis;
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
 * Throws `mismatch` when no layer of the recipe is there, one has another rank, or the recipe is of another basis:
 * gates belong to subspaces, and those would be others.
 */
export function fitRecipe(recipe: Recipe, open: OpenModels): FittedRecipe {
  if (!sameBasis(recipe.basis, open.basis))
    throw new StudioError(
      'mismatch',
      `The recipe’s gates are of ${describeBasis(recipe.basis)}, and the open models have theirs in ${describeBasis(open.basis)}: its gates would go to other pieces. Change the basis first.`,
      { details: { value: recipe.basis.id } },
    );
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
  if (recipe.slots.length === 0)
    throw new StudioError(
      'bad-file',
      'The recipe has no layers: its list of slots is empty. It merges nothing.',
      {
        details: { value: 'slots' },
      },
    );
  if (found === 0)
    throw new StudioError(
      'mismatch',
      `None of the recipe’s layers, such as ${recipe.slots[0]?.id ?? ''}, is open here. Either other layers were chosen than those that it has, or it was made for other models.`,
      { details: { value: recipe.slots[0]?.id ?? '' } },
    );

  return { layout, field, options: recipe.options };
}
