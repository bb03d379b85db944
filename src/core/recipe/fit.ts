/**
 * A recipe laid onto the models that are open: the gate field it means for their layers, and what does not agree. Layers are found by
 * name; one that the recipe lacks keeps its gates.
 */
import { StudioError } from '../errors.ts';
import { makeLayout, type GateField, type GateLayout } from '../gates/field.ts';
import type { Recipe } from './recipe.ts';

export interface OpenModels {
  readonly slots: readonly { readonly id: string; readonly rank: number }[];
  readonly models: Readonly<Record<'base' | 'vlm' | 'lrm', { readonly label: string; readonly architecture: string }>>;
  /** The gates that layers without a place in the recipe keep, under the recipe's budget. */
  readonly kept: (layout: GateLayout) => GateField;
  /** `kernelVersion` of this studio. */
  readonly kernel: string;
}

export interface FittedRecipe {
  /** The layout of the recipe's budget, which the session must be given first. */
  readonly layout: GateLayout;
  readonly field: GateField;
  readonly options: Recipe['options'];
  /** Sentences; empty when all agrees. */
  readonly notes: readonly string[];
}

/** Throws `mismatch` when no layer of the recipe is there, or one has another rank: gates belong to subspaces, and those would be others. */
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
      throw new StudioError('mismatch', `The recipe has ${slot.rank} subspaces for ${id}, these models have ${rank}: it was made for others.`, { details: { tensor: id, value: slot.rank } });
    }
    field.values.set(slot.gates, offset);
    field.locks.set(slot.locks, offset);
    found += 1;
  }
  if (found === 0) throw new StudioError('mismatch', 'None of the recipe’s layers is in these models: it was made for others.', { details: { value: recipe.slots[0]?.id ?? 'no layers' } });

  const notes: string[] = [];
  for (const role of ['base', 'vlm', 'lrm'] as const) {
    const [made, here] = [recipe.inputs[role], open.models[role]];
    if (made.architecture !== here.architecture) notes.push(`The recipe’s ${roleNames[role]} was ${made.label} (${made.architecture}), this one is ${here.label} (${here.architecture}).`);
    else if (made.label !== here.label) notes.push(`The recipe’s ${roleNames[role]} was called ${made.label}, this one ${here.label}: check that they are the same.`);
  }
  if (recipe.kernel !== open.kernel) notes.push(`It was made with another decomposition (${recipe.kernel}, here ${open.kernel}): near-equal subspaces may be turned against each other.`);
  const [absent, more] = [recipe.slots.length - found, layout.slots.length - found];
  if (absent > 0) notes.push(`${absent} of its layers are not in these models.`);
  if (more > 0) notes.push(`${more} layers of these models are not in it and keep their gates.`);
  return { layout, field, options: recipe.options, notes };
}

const roleNames = { base: 'base model', vlm: 'VLM', lrm: 'reasoning model' } as const;
