/**
 * A recipe that a person hands back: read, held against the open models, and applied as one edit. Without
 * models it waits until some are open. Until `applyRecipe` nothing changes but what is said about it.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { mapField } from '../../core/gates/budget.ts';
import { readRecipeFile, recipeCandidates, type ReadableFile } from '../../core/recipe/file.ts';
import { fitRecipe } from '../../core/recipe/fit.ts';
import type { Recipe } from '../../core/recipe/recipe.ts';
import { newJob, type SliceContext } from './context.ts';
import { refused } from './actions/action.ts';
import { modelActions } from './actions/model-actions.ts';
import { gatesInForce } from './gates-in-force.ts';
import { requireSvd } from './recipe-basis.ts';
import { chosenLayers, recipeComparison } from './recipe-comparison.ts';
import type { StudioActions, StudioState } from './types.ts';
import type { WholeChange } from './whole-change.ts';
import { withoutZips } from './zipped-recipe.ts';

type Part = Pick<StudioState, 'recipe'> &
  Pick<StudioActions, 'openRecipe' | 'skipRecipeCheck' | 'applyRecipe' | 'dropRecipe'>;

const noRecipe: StudioState['recipe'] = {
  status: 'none',
  name: '',
  recipe: null,
  identity: null,
  progress: null,
  error: null,
  applied: null,
};

export interface RecipeOpening {
  readonly part: Part;
  /** Other models are open: what was said about the old ones is void. */
  modelsOpened(): void;
}

export function createRecipeSlice({ set, get, engine }: SliceContext, change: WholeChange): RecipeOpening {
  let job: string | null = null;
  const patch = (part: Partial<StudioState['recipe']>): void =>
    set((state) => ({ recipe: { ...state.recipe, ...part } }));

  function stopCheck(): void {
    if (job) void engine.cancel(job).catch(() => undefined);
    job = null;
  }

  async function check(): Promise<void> {
    stopCheck();
    const { session } = get();
    if (!session) return patch({ status: 'waiting', identity: null });
    const mine = newJob('identify');
    job = mine;
    patch({ status: 'checking', identity: null, progress: null, error: null });
    try {
      const identity = await engine.identify(mine, (progress) => {
        if (job === mine) patch({ progress });
      });
      if (job === mine && get().session?.id === session.id)
        patch({ status: 'ready', identity, progress: null });
    } catch (thrown) {
      if (job !== mine) return;
      const error = toPlainError(thrown);
      patch({ status: 'ready', progress: null, error: error.code === 'cancelled' ? null : error });
    } finally {
      if (job === mine) job = null;
    }
  }

  const part: Part = {
    recipe: noRecipe,

    async openRecipe(files) {
      if (refused(get(), modelActions.openRecipe, files)) return;
      stopCheck();
      const { applied } = get().recipe;
      set({ recipe: { ...noRecipe, applied, status: 'reading', name: files[0]?.name ?? '' } });
      try {
        const { recipe, name } = await firstRecipe(await withoutZips(files));
        requireSvd(recipe, name);
        patch({ recipe, name, status: 'waiting' });
        get().showDialog('recipe');
        await check();
      } catch (thrown) {
        const error = toPlainError(thrown);
        patch({ status: 'failed', error });
        get().notify('error', error.message);
      }
    },
    skipRecipeCheck() {
      if (get().recipe.status !== 'checking') return;
      stopCheck();
      patch({ status: 'ready', progress: null });
    },
    async applyRecipe(foreign) {
      const state = get();
      if (refused(state, modelActions.applyRecipe, foreign)) return;
      const { recipe, name } = state.recipe;
      const comparison = recipeComparison(state);
      const { session } = state;
      if (!recipe || !comparison || !session) return;
      stopCheck();
      patch({ status: 'applying', progress: null });
      try {
        const slots = chosenLayers(recipe, comparison, foreign);
        const spectra = session.slots.map((_, i) => state.spectra[i]?.singularValues ?? null);
        const kept = (layout: typeof session.layout) =>
          mapField(gatesInForce(get()), session.layout, layout, spectra);
        const { layout, field } = fitRecipe(
          { ...recipe, slots },
          {
            basis: session.basis,
            slots: session.slots,
            kept,
          },
        );
        // Layers that keep their gates keep what was set above the recipe's maximum as well.
        const gateMax = field.values.reduce((most, gate) => Math.max(most, gate), recipe.options.gateMax);
        if (
          await change.apply(
            `Open ${name}`,
            { budget: layout.budget, options: { ...recipe.options, gateMax } },
            field,
          )
        ) {
          set({ recipe: { ...noRecipe, applied: recipe } });
          // Gates of layers that the recipe does not have are in no file.
          if (slots.length === session.slots.length) set({ savedGates: gatesInForce(get()) });
          if (get().dialog === 'recipe') get().showDialog(null);
          get().notify(
            'info',
            `${name}: gates of ${slots.length} of ${session.slots.length} layers, λ ${recipe.options.lambda}. Undo takes all of it back.`,
          );
        } else patch({ status: 'ready' });
      } catch (thrown) {
        patch({ status: 'ready', error: toPlainError(thrown) });
      }
    },
    dropRecipe() {
      if (refused(get(), modelActions.dropRecipe)) return;
      stopCheck();
      set((state) => ({ recipe: { ...noRecipe, applied: state.recipe.applied } }));
      if (get().dialog === 'recipe') get().showDialog(null);
    },
  };

  return {
    part,
    modelsOpened() {
      const { recipe } = get().recipe;
      patch({ applied: null });
      if (!recipe) return;
      // It has waited for this, whichever way the models came.
      get().showDialog('recipe');
      void check();
    },
  };
}

/** The first of the files that has a recipe; where none has, what is wrong with the likeliest. */
async function firstRecipe(
  files: readonly ReadableFile[],
): Promise<{ readonly recipe: Recipe; readonly name: string }> {
  let first: unknown = null;
  for (const file of recipeCandidates(files)) {
    try {
      return { recipe: await readRecipeFile(file), name: file.name };
    } catch (thrown) {
      first ??= thrown;
    }
  }
  throw first;
}
