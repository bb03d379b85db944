/** Which models are open, what a run calibrates on, and recipes that are opened on them. */
import type { ReadableFile } from '../../../core/recipe/file.ts';
import type { BackendChoice } from '../../../protocol/engine.ts';
import type { CalibrationSource, TrioSource } from '../../../protocol/session.ts';
import { demoSource } from '../demo-source.ts';
import { chosenLayers, recipeComparison } from '../recipe-comparison.ts';
import { isRunActive } from '../run-state.ts';
import type { StudioState } from '../types.ts';
import { keyed, row } from './action.ts';
import {
  canChangeAll,
  firstOf,
  needsCompute,
  needsForward,
  needsModels,
  never,
  notWhileAnswering,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileExporting,
  notWhileMeasuring,
  notWhileOpening,
  notWhileReadingImages,
  notWhileRunning,
  notWhileWorking,
  type Check,
} from './obstacles.ts';

const notWhileRunningOthers: Check = ({ run }) =>
  isRunActive(run) ? 'A run is going on. Stop the run to open other models.' : null;

const canOpen = firstOf(needsCompute, notWhileRunningOthers, notWhileOpening);

/** Compute has stopped, and it was not the first time that its graphics device failed. */
export const isFailingGraphics = ({ connection, backend, deviceFailures }: StudioState): boolean =>
  (connection.status === 'lost' || connection.status === 'failed') &&
  backend?.backend === 'webgpu' &&
  deviceFailures > 1;

const isQuiet: Check = ({ quiet }) => (quiet ? null : 'Compute has been heard of just now.');

function canApply(state: StudioState, foreign: boolean): string | null {
  const { recipe, status } = state.recipe;
  if (!recipe) return 'No recipe is open.';
  const obstacle =
    needsModels(state) ??
    (status === 'checking'
      ? 'The recipe is being compared with the open models. Wait, or skip that.'
      : null) ??
    notWhileApplyingRecipe(state) ??
    canChangeAll(recipe.budget)(state);
  if (obstacle !== null) return obstacle;
  const comparison = recipeComparison(state);
  return comparison && chosenLayers(recipe, comparison, foreign).length > 0
    ? null
    : 'Nothing in this recipe fits the open models.';
}

export const modelActions = {
  open: keyed({
    label: 'Open models…',
    keys: ['O'],
    icon: 'open',
    obstacle: never,
    perform: (state) => state.showDialog('open-models'),
  }),
  /** The argument is null where only the obstacle is asked for, before anything is chosen. */
  openTrio: row<TrioSource | null>({
    label: 'Open',
    hint: () => 'Reads, pairs and decomposes the models.',
    obstacle: canOpen,
    perform: (state, source) => source && state.open(source),
  }),
  openDemo: row({
    label: 'Open the demo trio',
    icon: 'demo',
    obstacle: canOpen,
    perform: (state) => state.open(demoSource()),
  }),
  inspect: row<TrioSource | null>({
    label: 'Check',
    hint: () => 'Shows how the models fit together, from their headers alone.',
    obstacle: canOpen,
    perform: (state, source) => source && state.inspect(source),
  }),
  previewLayer: row<number>({
    label: 'Show the spectrum of a layer',
    obstacle: firstOf(needsCompute, notWhileOpening),
    perform: (state, slot) => state.previewLayer(slot),
  }),
  cancelOpening: row({
    label: 'Cancel opening models',
    labelNow: () => 'Cancel',
    icon: 'cancel',
    obstacle: ({ load }) => (load.status === 'loading' ? null : 'No models are being opened.'),
    perform: (state) => state.cancelOpen(),
  }),
  pauseOpening: row({
    label: 'Pause or resume opening models',
    labelNow: ({ load }) => (load.paused ? 'Resume' : 'Pause'),
    hint: ({ load }) =>
      load.paused ? 'Goes on decomposing.' : 'Begins no further matrix. Those that have begun are finished.',
    icon: 'pause',
    obstacle: ({ load, incoming }) =>
      load.status === 'loading' && incoming !== null ? null : 'No models are being decomposed.',
    perform: (state) => (state.load.paused ? state.resumeOpen() : state.pauseOpen()),
  }),
  restart: row({
    label: 'Restart compute',
    obstacle: ({ connection: { status } }) =>
      status === 'ready'
        ? 'Compute is running.'
        : status === 'starting'
          ? 'Compute is still starting.'
          : null,
    perform: (state) => state.reconnect(),
  }),
  computeOnWasm: row({
    label: 'Compute on WebAssembly',
    hint: () => 'Slower, but independent of the graphics device. Opens the models again, with their gates.',
    obstacle: (state) =>
      isFailingGraphics(state) ? null : 'WebAssembly is offered where WebGPU has failed more than once.',
    perform: (state) => state.chooseBackend('wasm'),
  }),
  keepWaiting: row({
    label: 'Keep waiting for compute',
    labelNow: () => 'Keep waiting',
    hint: () => 'Says so again when it has taken twice as long.',
    obstacle: isQuiet,
    perform: (state) => state.keepWaiting(),
  }),
  stopAndReopen: row({
    label: 'Stop compute and open the models again',
    labelNow: () => 'Stop and reopen',
    hint: () => 'Ends what is being computed, and opens the models again. Gates and snapshots are kept.',
    obstacle: isQuiet,
    perform: (state) => state.stopAndReopen(),
  }),
  chooseBackend: row<BackendChoice>({
    label: 'Choose what computes',
    obstacle: notWhileWorking,
    perform: (state, choice) => state.chooseBackend(choice),
  }),
  pairing: row({
    label: 'How the models fit together',
    icon: 'pairing',
    obstacle: needsModels,
    perform: (state) => state.showDialog('pairing'),
  }),
  calibration: keyed({
    label: 'Choose calibration images…',
    keys: ['C'],
    icon: 'calibration',
    obstacle: needsForward,
    perform: (state) => state.showDialog('calibration'),
  }),
  calibrate: row<CalibrationSource | null>({
    label: 'Calibrate on these',
    hint: () => 'Looks the images through. They are used from the next run on.',
    obstacle: firstOf(
      needsForward,
      needsCompute,
      notWhileOpening,
      notWhileRunning,
      notWhileMeasuring,
      notWhileAnswering,
      notWhileChangingBudget,
      notWhileReadingImages,
    ),
    perform: (state, source) => state.calibrate(source),
  }),
  cancelCalibrating: row({
    label: 'Cancel looking through images',
    labelNow: () => 'Cancel',
    icon: 'cancel',
    obstacle: ({ calibration }) =>
      calibration.status === 'reading' ? null : 'No images are being looked through.',
    perform: (state) => state.cancelCalibrating(),
  }),
  recipe: keyed({
    label: 'Open a recipe…',
    keys: ['R'],
    icon: 'recipe',
    obstacle: never,
    perform: (state) => state.showDialog('recipe'),
  }),
  /** The argument is null where only the obstacle is asked for, before a file is chosen. */
  openRecipe: row<readonly ReadableFile[] | null>({
    label: 'Open recipe…',
    icon: 'recipe',
    obstacle: firstOf(notWhileExporting, notWhileApplyingRecipe),
    perform: (state, files) => files && state.openRecipe(files),
  }),
  applyRecipe: row<boolean>({
    label: 'Apply the recipe',
    hint: () => 'Sets gates, locks and settings. One undo takes all of it back.',
    obstacle: canApply,
    perform: (state, foreign) => state.applyRecipe(foreign),
  }),
  skipRecipeCheck: row({
    label: 'Skip the comparison',
    labelNow: () => 'Skip',
    hint: () => 'Compares names, sizes and singular values only.',
    obstacle: ({ recipe }) => (recipe.status === 'checking' ? null : 'Nothing is being compared.'),
    perform: (state) => state.skipRecipeCheck(),
  }),
  dropRecipe: row({
    label: 'Leave the recipe',
    obstacle: notWhileApplyingRecipe,
    perform: (state) => state.dropRecipe(),
  }),
};
