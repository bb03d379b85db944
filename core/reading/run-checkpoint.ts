/** A run between two steps, as a browser or a session's file keeps it; a format of this project. */
import { ownFormat } from './own-formats.ts';
import { refused, used, type KeyRule, type ReadRules } from './rules.ts';

const others = refused(
  'this studio knows no such key, a newer one may have written it, and without what it says the run would go on as another',
);

const part = (name: string, about: string, keys: Readonly<Record<string, KeyRule>>): ReadRules =>
  ownFormat(`${name}an interrupted run`, about, keys, others);

export const runRules = part('', 'All that a run needs to go on as if it had not stopped.', {
  version: used('how it is kept; a newer one than the studio knows is refused'),
  options: used('the options of the run, as in a recipe'),
  step: used('steps that were done'),
  gates: used('the gates and which of them are locked'),
  touched: used('gates that a hand has set since the last step'),
  optimiser: used('what the optimiser remembers'),
  lastFinite: used('the last gates whose loss was a finite number'),
  losses: used('losses of the last step, as in a recipe'),
  divergence: used('the losses that the divergence is told by'),
  elapsedMs: used('how long the run has taken'),
  origin: used('the device, models and prompts that it was made on'),
});

export const runGatesRules = part('gates of ', 'The gates now.', {
  values: used('one number for each gate'),
  locks: used('1 for a gate that a person set'),
});

export const runOptimiserRules = part('optimiser of ', 'What the optimiser remembers of each gate.', {
  logits: used('the numbers that it moves'),
  first: used('the first moments'),
  second: used('the second moments'),
  ages: used('steps since a hand set the gate'),
});

export const runDivergenceRules = part('divergence of ', 'Distances from the VLM.', {
  first: used('at the first step'),
  recent: used('at the last steps'),
});

export const runOriginRules = part('origin of ', 'On what the run was made.', {
  backend: used('what it was computed on'),
  adapter: used('the graphics device'),
  slots: used('the layers; others are refused'),
  budget: used('so many subspaces of a matrix have a gate of their own; another one is refused'),
  basis: used('the basis of the gates; another one is refused'),
  factors: used('the hash of the names of all factors; others are said'),
  vlm: used('the hash of a sample of the VLM’s weights; others are refused'),
  lessons: used('what the teachers taught'),
});

export const runLayerRules = part('origin.slots of ', 'A layer.', {
  id: used('its name'),
  rank: used('the number of its subspaces'),
  norm: used('the size of its task vector; another one is refused'),
});

export const runLessonRules = part('origin.lessons of ', 'What a teacher taught one term.', {
  term: used('the term'),
  items: used('how many answers it learns from'),
  prompts: used('the hash of the prompts; others are refused'),
  answers: used('the hash of the answers; others are said'),
});
