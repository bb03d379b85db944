/** `--basis` and `--basis-seed`: which pieces of the task vectors have the gates. */
import {
  bases,
  basisIds,
  describeBasis,
  isBasisId,
  maxBasisSeed,
  sameBasis,
  type Basis,
} from '../core/gates/basis.ts';
import type { Recipe } from '../core/recipe/recipe.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

export const basisOptions: Readonly<Record<string, OptionSpec>> = {
  basis: {
    value: 'NAME',
    about: `which pieces of a matrix have the gates: ${basisIds.join(', ')} (${basisIds[0]} if not given, as in the paper)`,
  },
  'basis-seed': {
    value: 'N',
    about: 'what the random directions of --basis random are drawn by (0 if not given)',
  },
};

/** For help. */
export const basisHelp = `Bases, in which a task vector is a sum of pieces with a gate each (docs/method.md):\n${basisIds
  .map((id) => `  --basis ${id}\n      ${bases[id].about}`)
  .join('\n')}\n`;

/** Null where neither was given. Throws `UsageError` for what is no basis, and for one that a recipe does not have. */
export function readBasisOption(given: Given, recipe: Recipe | null): Basis | null {
  const id = given.text('basis');
  const seed = given.whole('basis-seed', 0, maxBasisSeed);
  if (id === null) {
    if (seed === null) return null;
    throw new UsageError('--basis-seed is for --basis random: give --basis too, or leave it out.');
  }
  if (!isBasisId(id))
    throw new UsageError(`There is no --basis “${id}”. It is one of ${basisIds.join(', ')}.`);
  if (!bases[id].seeded && seed !== null)
    throw new UsageError(`--basis-seed would change nothing: the basis ${id} is not drawn. Leave it out.`);
  const asked: Basis = { id, seed: bases[id].seeded ? (seed ?? 0) : null };
  if (recipe !== null && !sameBasis(asked, recipe.basis))
    throw new UsageError(
      `--basis ${id} does not go with this recipe, whose gates are of ${describeBasis(recipe.basis)}. Leave --basis out, or --recipe.`,
    );
  return asked;
}
