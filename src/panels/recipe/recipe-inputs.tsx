/** The three models that a recipe was made from, each beside the one that is open. */
import type { Role } from '../../../core/family/trio.ts';
import type { ReactNode } from 'react';
import type { InputFit, RecipeComparison } from '../../../core/recipe/compare.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import type { Session } from '../../../protocol/session.ts';
import css from './recipe.module.css';

const roles: readonly { readonly role: Role; readonly name: string }[] = [
  { role: 'base', name: 'Base' },
  { role: 'vlm', name: 'VLM' },
  { role: 'lrm', name: 'LRM' },
];

const verdicts: Readonly<Record<InputFit, string>> = {
  same: 'the same, by hash',
  named: 'the same name',
  differs: 'another',
};

export interface RecipeInputsProps {
  readonly recipe: Recipe;
  readonly session: Session | null;
  readonly comparison: RecipeComparison | null;
  readonly checking: boolean;
}

export function RecipeInputs({ recipe, session, comparison, checking }: RecipeInputsProps): ReactNode {
  return (
    <table className={css.models}>
      <thead>
        <tr>
          <th scope="col">Made from</th>
          <th scope="col">Model</th>
          <th scope="col">SHA-256</th>
          {session && <th scope="col">Open now</th>}
        </tr>
      </thead>
      <tbody>
        {roles.map(({ role, name }) => {
          const { label, architecture, sha256 } = recipe.inputs[role];
          const fit = comparison?.inputs[role];
          return (
            <tr key={role}>
              <th scope="row">{name}</th>
              <td title={architecture}>{label}</td>
              <td className={css.hash} title={sha256 ?? undefined}>
                {sha256?.slice(0, 12) ?? 'not given'}
              </td>
              {session && (
                <td className={fit === 'differs' && !checking ? css.other : undefined}>
                  {session.models[role].label === label ? '' : `${session.models[role].label}: `}
                  {checking || !fit ? 'comparing…' : verdicts[fit]}
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
