/** What a session measured, as a browser or a session's file keeps it; a format of this project. */
import { ownFormat } from './own-formats.ts';
import { used } from './rules.ts';

const kept = 'kept figures';

export const keptFiguresRules = ownFormat(
  kept,
  'What a session measured, so that a recipe can carry it after the session was interrupted.',
  {
    factors: used('the hash of the names of all factors; others are refused'),
    vlm: used('the hash of a sample of the VLM’s weights; others are refused'),
    steps: used('steps of the last run'),
    scores: used('the accuracies'),
    runs: used('the runs'),
  },
);

export const keptScoreRules = ownFormat(`scores of ${kept}`, 'Accuracies of one model.', {
  of: used('the gates, or the method, that they were measured with'),
  metrics: used('the accuracies, as in a recipe'),
});

export const keptRunRules = ownFormat(`runs of ${kept}`, 'A run that left just these gates.', {
  of: used('the gates'),
  run: used('the run, as in a recipe'),
});
