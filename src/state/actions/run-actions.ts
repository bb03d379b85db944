/** A distillation run: start, pause, step and stop it, and what it is told beforehand. */
import { nothingPulls } from '../../../core/objective/describe-options.ts';
import { optionTable, type DistillOptions, type OptionKey } from '../../../core/objective/options.ts';
import { runForecast } from '../run-memory.ts';
import { isRunActive, isRunBusy } from '../run-state.ts';
import { goesOn } from '../run-words.ts';
import { keyed, row } from './action.ts';
import {
  canChangeBudget,
  canEdit,
  firstOf,
  needsFreeGates,
  needsCompute,
  needsFit,
  needsForward,
  needsModels,
  never,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileOpening,
  notWhileReadingImages,
  notWhileRunning,
  type Check,
} from './obstacles.ts';

const needsCalibration: Check = ({ session }) =>
  session?.forward.available && session.forward.calibrationItems === 0
    ? 'These models bring no calibration images. Choose images of your own first.'
    : null;

/** What images would take is not held against models whose images are not known. */
const needsMemory: Check = (state) => {
  if (state.session?.memory.run?.sample.assumed) return null;
  const verdict = runForecast(state)?.verdict;
  return verdict?.code === 'does-not-fit' ? `${verdict.message} ${verdict.remedy}` : null;
};

const needsStrength: Check = ({ options }) =>
  options.lambda === 0
    ? 'The merge strength λ is 0, so the merged model is the VLM whatever the gates are. Set λ above 0 first.'
    : null;

/**
 * A run can compute, and what it computes can change something. It cannot while other models are opened: their opening would fail at its very end, after
 * everything has been decomposed.
 */
const canCompute = firstOf(
  needsCompute,
  needsForward,
  needsFit,
  needsCalibration,
  notWhileOpening,
  notWhileChangingBudget,
  notWhileReadingImages,
  notWhileApplyingRecipe,
  needsFreeGates,
  needsStrength,
  needsMemory,
);

export const canStart: Check = (state) =>
  isRunBusy(state.run) ? 'A run is going on already.' : canCompute(state);

export const canPause: Check = ({ run: { state, coming } }) =>
  state === 'preparing'
    ? 'The run is still being prepared. Stop the run, or wait for its first step.'
    : state !== 'running'
      ? 'No run is going on.'
      : coming === null
        ? null
        : 'This is coming already: the step that has begun is finished first.';

const canStep: Check = (state) =>
  isRunBusy(state.run) ? 'A run is going on. Pause the run to go step by step.' : canCompute(state);

const hasSecondTeacher: Check = ({ session }) =>
  session?.forward.available && !session.forward.secondTeacher
    ? 'These models bring neither text prompts nor images for a second teacher. Your own text prompts go with your calibration images.'
    : null;

const canSet = firstOf(notWhileRunning, notWhileChangingBudget);

export const runActions = {
  /** What it does is what the run's state leaves to do. */
  run: keyed({
    label: 'Run, pause or resume',
    labelNow: ({ run }) =>
      run.coming === 'pause'
        ? 'Pausing…'
        : isRunBusy(run)
          ? 'Pause'
          : run.state === 'paused'
            ? 'Resume'
            : 'Run',
    hint: (state) =>
      isRunBusy(state.run)
        ? 'Lets the run wait.'
        : (nothingPulls(state.options) ??
          (goesOn(state)
            ? 'Learns on from the gates as they are. “Start afresh” sets them back to half open first.'
            : 'Learns the gates from unlabeled samples.')),
    keys: ['Space'],
    icon: 'play',
    obstacle: (state) => (isRunBusy(state.run) ? canPause(state) : canStart(state)),
    perform: (state) => (state.run.state === 'running' ? state.pause() : state.play()),
  }),
  step: keyed({
    label: 'One step',
    keys: ['.'],
    icon: 'step',
    obstacle: canStep,
    perform: (state) => state.step(1),
  }),
  stepTen: keyed({
    label: 'Ten steps',
    keys: ['Shift .'],
    icon: 'steps',
    obstacle: canStep,
    perform: (state) => state.step(10),
  }),
  stop: keyed({
    label: 'Stop the run',
    hint: () => 'Ends the run. Its gates stay.',
    keys: ['X'],
    icon: 'stop',
    obstacle: ({ run }) => (isRunActive(run) ? null : 'No run is going on.'),
    perform: (state) => state.stop(),
  }),
  reset: row({
    label: 'Reset gates',
    hint: () => 'Stops the run, and sets the free gates back to half open.',
    icon: 'reset',
    obstacle: canEdit,
    perform: (state) => state.reset(),
  }),
  startAfresh: row({
    label: 'Start a fresh run',
    labelNow: () => 'Start afresh',
    hint: () => 'Ends the run, sets the free gates back to half open, and runs from there.',
    icon: 'reset',
    obstacle: firstOf(canEdit, canCompute),
    perform: (state) => state.startAfresh(),
  }),
  setOptions: row<Partial<DistillOptions>>({
    label: 'Change the settings of a run',
    obstacle: (state, options) =>
      firstOf(
        (Object.keys(options) as OptionKey[]).every((key) => optionTable[key].mayChangeDuringRun)
          ? never
          : notWhileRunning,
        notWhileChangingBudget,
      )(state),
    perform: (state, options) => state.setOptions(options),
  }),
  defaults: row({
    label: 'Defaults',
    hint: () => 'Sets everything back to what suits these models.',
    icon: 'defaults',
    obstacle: firstOf(needsModels, canSet),
    perform: (state) => state.session && state.setOptions(state.session.defaults),
  }),
  secondTeacher: row<boolean>({
    label: 'Second teacher',
    hint: () =>
      'When this is off, the VLM alone teaches: that is FRISM as published. When it is on, the LRM teaches its own part too, on its own answers and still without labels. Switching sets α, β and γ to what suits these models. The second teacher is this studio’s extension, not the paper’s.',
    obstacle: firstOf(needsForward, canSet, hasSecondTeacher),
    perform: (state, on) => state.setSecondTeacher(on),
  }),
  setBudget: row<number | null>({
    label: 'Change the subspace budget',
    icon: 'layers',
    obstacle: firstOf(canChangeBudget, notWhileApplyingRecipe),
    perform: (state, budget) => state.setBudget(budget),
  }),
};
