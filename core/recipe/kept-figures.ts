/**
 * What a session measured, as plain data: given out so that it can be kept, and given back to a later session of the
 * same models, whose recipes then carry it. It is checked as if a stranger had written it; that the figures are true
 * nobody can check, as with those of a recipe that was opened.
 */
import { JsonField } from '../json-field.ts';
import { refuseUnknown } from '../reading/own-formats.ts';
import * as rules from '../reading/kept-figures.ts';
import { readMetric, readRun } from './parse.ts';
import type { RecipeMetric, RecipeRun } from './recipe.ts';

/** Models whose figures are kept; the oldest are forgotten first. */
export const mostKeptFigures = 256;

export interface KeptFigures {
  /** As in the origin of an interrupted run. */
  readonly factors: string;
  readonly vlm: string;
  /** Of the last run. */
  readonly steps: number;
  /** The oldest first. `of` names the gates, λ and budget, or the method, that was measured. */
  readonly scores: readonly { readonly of: string; readonly metrics: readonly RecipeMetric[] }[];
  readonly runs: readonly { readonly of: string; readonly run: RecipeRun }[];
}

/** Throws `bad-file` for what is none. */
export function readKeptFigures(value: unknown): KeptFigures {
  const root = new JsonField(value, 'The kept figures');
  refuseUnknown(root, rules.keptFiguresRules);
  return {
    factors: root.at('factors').sha256(),
    vlm: root.at('vlm').sha256(),
    steps: root.at('steps').whole(0, 1e9),
    scores: root
      .at('scores')
      .list(mostKeptFigures)
      .map((score) => {
        refuseUnknown(score, rules.keptScoreRules);
        return { of: score.at('of').text(), metrics: score.at('metrics').list(10, 1).map(readMetric) };
      }),
    runs: root
      .at('runs')
      .list(mostKeptFigures)
      .map((run) => {
        refuseUnknown(run, rules.keptRunRules);
        return { of: run.at('of').text(), run: readRun(run.at('run')) };
      }),
  };
}
