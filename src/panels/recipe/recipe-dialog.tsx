/**
 * A recipe that was handed back, beside the models that are open: what it is, what fits, and the choice to
 * apply that or to leave it.
 */
import { FileUp } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { chosenLayers, recipeComparison } from '../../state/recipe-comparison.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FileButton } from '../../ui/file-button.tsx';
import { FindingList } from '../../ui/finding-list.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { Switch } from '../../ui/switch.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { describeMeasured, describeRecipe } from './describe.ts';
import { RecipeInputs } from './recipe-inputs.tsx';
import css from './recipe.module.css';

export function RecipeDialog(): ReactNode {
  const state = useStudio((all) => all.recipe);
  const session = useStudio((all) => all.session);
  const spectra = useStudio((all) => all.spectra);
  const { recipe, status, name, error } = state;
  const closed = useObstacle(actions.openRecipe, null);
  const [foreign, setForeign] = useState(false);
  const obstacle = useObstacle(actions.applyRecipe, foreign);
  const { dropRecipe } = useStudio.getState();
  const comparison = useMemo(
    () => recipeComparison({ recipe: state, session, spectra }),
    [state, session, spectra],
  );
  const chosen = recipe && comparison ? chosenLayers(recipe, comparison, foreign).length : 0;
  const others = comparison ? [...comparison.layers.values()].filter((fit) => fit === 'other').length : 0;
  const checking = status === 'checking';

  return (
    <Dialog
      title={recipe ? `Recipe: ${name}` : 'Open a recipe'}
      widthPx={760}
      testId={testIds.recipeDialog}
      onClose={dropRecipe}
      footer={
        <>
          <span className={css.left}>
            <FileButton
              label={recipe ? 'Another file…' : 'Choose a file…'}
              icon={<FileUp />}
              accept=".json,.safetensors,.zip"
              testId={testIds.recipeFile}
              obstacle={closed}
              onFiles={(files) => attempt(useStudio.getState(), actions.openRecipe, files)}
            />
          </span>
          <ActionControl
            action={actions.dropRecipe}
            label={recipe ? 'Leave it' : 'Close'}
            testId={testIds.recipeLeave}
          />
          {recipe && (!session || chosen < recipe.slots.length) && (
            <ActionControl
              action={actions.open}
              icon={null}
              tone={session ? 'default' : 'primary'}
              testId={testIds.recipeModels}
              hint="Opens the models that the recipe was made from. The recipe waits."
            />
          )}
          {recipe && session && (
            <ActionControl
              action={actions.applyRecipe}
              argument={foreign}
              label={
                chosen === recipe.slots.length
                  ? 'Apply'
                  : `Apply to ${chosen} of ${recipe.slots.length} layers`
              }
              tone="primary"
              testId={testIds.recipeApply}
            />
          )}
        </>
      }
    >
      <div className={css.body} data-testid={testIds.recipeReport}>
        {!recipe && (
          <p className={css.dim}>
            Choose a recipe.json, a .zip that this studio exported, or exported weights, for every gate
            travels in their header. A file or an exported folder can also be dropped anywhere on the page.
          </p>
        )}
        {recipe && (
          <>
            <p>{describeRecipe(recipe)}</p>
            {describeMeasured(recipe).map((sentence) => (
              <p key={sentence} className={css.dim}>
                {sentence}
              </p>
            ))}
            <RecipeInputs recipe={recipe} session={session} comparison={comparison} checking={checking} />
          </>
        )}
        {recipe && !session && (
          <Notice level="info">
            No models are open. Open the three that are named here. The recipe is then compared with them and
            can be applied.
          </Notice>
        )}
        {checking && (
          <ProgressLine
            progress={state.progress}
            label={state.progress?.stage ?? 'Comparing with the open models'}
            action={<ActionControl action={actions.skipRecipeCheck} small testId={testIds.recipeSkip} />}
          />
        )}
        {error && <Notice level="error">{error.message}</Notice>}
        {comparison && !checking && (
          <>
            {comparison.findings.length > 0 && <FindingList findings={comparison.findings} noun="layer" />}
            {others > 0 && (
              <Switch
                label={`Also to the ${others} layer${others === 1 ? '' : 's'} with other subspaces, by their place in the spectrum`}
                checked={foreign}
                testId={testIds.recipeForeign}
                onChange={setForeign}
              />
            )}
            {obstacle !== null && <Notice level="warning">{obstacle}</Notice>}
          </>
        )}
      </div>
    </Dialog>
  );
}
