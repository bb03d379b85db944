/** recipe.json, a format of this project. */
import { optionRows } from '../objective/options.ts';
import { termRows } from '../objective/terms.ts';
import { ownFormat } from './own-formats.ts';
import { harmless, refused, used, type KeyRule, type ReadRules } from './rules.ts';

const others = refused(
  'this studio knows no such key, a newer one may have written it, and without what it says the merge may be another',
);

const part = (name: string, about: string, keys: Readonly<Record<string, KeyRule>>): ReadRules =>
  ownFormat(name === '' ? 'recipe.json' : `${name} of recipe.json`, about, keys, others);

export const recipeRules = part('', 'Everything that a merge was made from, except the weights.', {
  format: used('frism-recipe; any other is refused'),
  version: used('how the recipe is written; a newer one than the studio knows is refused'),
  studio: used('the version of the studio that wrote it'),
  method: used('frism; any other is refused'),
  inputs: used('the three models'),
  options: used('the options of the run'),
  kernel: used('the decomposition that the gates belong to'),
  step: used('steps that the optimiser had done'),
  basis: used('the pieces of the task vectors that have the gates; the SVD where it is absent'),
  budget: used('so many subspaces of a matrix have a gate of their own'),
  slots: used('the layers with their gates'),
  metrics: used('what was measured with these gates'),
  run: used('the run that left these gates'),
  preset: used('the method that set these gates'),
  findings: used('what was found in the models'),
});

export const recipeInputsRules = part('inputs', 'The models, each with its place.', {
  ...{ base: used('the base model'), vlm: used('the VLM'), lrm: used('the reasoning model') },
});

export const recipeInputRules = part('inputs.base, inputs.vlm and inputs.lrm', 'A model.', {
  label: used('its name'),
  architecture: used('what kind of model it is'),
  sha256: used('the hash of its weights'),
});

export const recipeOptionRules = part(
  'options',
  'The options of the run.',
  Object.fromEntries(optionRows.map(([key]) => [key, used('an option of a run')])),
);

export const recipeBasisRules = part('basis', 'The pieces of the task vectors that have the gates.', {
  id: used('which basis; one that the studio does not know is refused'),
  seed: used('what random directions were drawn by'),
});

export const recipeSlotRules = part('slots', 'A layer.', {
  id: used('its name'),
  rank: used('the number of its subspaces'),
  gates: used('one number for all, or one for each gate'),
  locked: used('stretches of gates that a person set'),
  factors: used('the hash of the factors that the gates belong to'),
  singularValues: used('the values that the gates were set on, strengths in another basis than the SVD'),
});

export const recipeMetricRules = part('metrics', 'An accuracy.', {
  ...{ name: used('what was measured'), correct: used('right answers'), total: used('all answers') },
  ...{ low: used('the lower end of the interval'), high: used('the upper end of the interval') },
  backend: used('what it was computed on'),
});

export const recipeRunRules = part('run', 'The run that left these gates.', {
  steps: used('steps of the run'),
  losses: used('losses of the last step'),
  elapsedMs: harmless('how long it took, as older recipes say'),
  backend: used('what it was computed on'),
});

export const recipeLossRules = part('run.losses', 'The losses of the last step.', {
  total: used('the weighted sum'),
  ...Object.fromEntries(termRows.map(([id]) => [id, used('a term')])),
});

export const recipePresetRules = part('preset', 'The method that set all gates at once.', {
  name: used('the method'),
  settings: used('its settings, whatever their names'),
});

export const recipeFindingRules = part('findings', 'What was found in the models.', {
  ...{ code: used('which finding it is'), severity: used('how grave it is') },
  message: used('the sentence'),
});
