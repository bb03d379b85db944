/** Recipes in another basis than the SVD, which this page does not show: refused, and never taken for one of the SVD. */
import { StudioError } from '../../core/errors.ts';
import { describeBasis, isSvd } from '../../core/gates/basis.ts';
import type { Recipe } from '../../core/recipe/recipe.ts';

/** @param name of its file */
export function requireSvd({ basis }: Recipe, name: string): void {
  if (isSvd(basis)) return;
  throw new StudioError(
    'unsupported',
    `The gates of ${name} are of another basis than the singular vectors of the task vectors: ${describeBasis(basis)}. This page shows gates of the singular vectors only, and on them the gates would mean something else. On the command line, frism export --recipe applies this recipe, and frism evaluate --recipe measures it.`,
    { details: { file: name, value: basis.id } },
  );
}
