/** A basis as a recipe or an interrupted run names it. */
import { StudioError } from '../errors.ts';
import { bases, basisIds, isBasisId, maxBasisSeed, type Basis } from '../gates/basis.ts';
import { showJson, type JsonField } from '../json-field.ts';
import { refuseUnknown } from '../reading/own-formats.ts';
import { recipeBasisRules } from '../reading/recipe.ts';

/** Throws `unsupported` for a basis that is not known: its gates are of pieces that cannot be made here. */
export function readBasis(basis: JsonField): Basis {
  refuseUnknown(basis, recipeBasisRules);
  const { raw: id } = basis.at('id');
  if (!isBasisId(id))
    throw new StudioError(
      'unsupported',
      `${basis.file} has its gates in the basis ${showJson(id)}, and this studio knows ${basisIds.join(', ')}. Open it in a newer studio.`,
      { details: { value: showJson(id) } },
    );
  const seed = basis.at('seed');
  if (bases[id].seeded) return { id, seed: seed.whole(0, maxBasisSeed) };
  return seed.absent ? { id, seed: null } : seed.refuse(`absent, because the basis ${id} has no seed`);
}

/** Keys in a fixed order; no seed where it has none. */
export const encodeBasis = ({ id, seed }: Basis) => ({ id, ...(seed !== null && { seed }) });
