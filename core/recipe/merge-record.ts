/**
 * How a merge by a method without gates was made: `merge.json` of an export, and in the `__metadata__` of its
 * weights under `mergeKey`. A merge by gates has a recipe instead.
 */
import type { KnownFinding } from '../family/accept-findings.ts';
import type { Role } from '../family/trio.ts';
import type { Method, MethodValues } from '../merging/method.ts';
import type { RecipeInput, RecipeMetric } from './recipe.ts';

export interface MergeRecord {
  readonly format: 'frism-merge';
  readonly version: 1;
  /** Version of the studio that wrote it. */
  readonly studio: string;
  /** Id of the method (`core/merging/methods.ts`). */
  readonly method: string;
  /** All of its settings. */
  readonly settings: MethodValues;
  readonly formula: string;
  readonly source: string;
  /** Which layers were merged, as in “layers 10-19”. */
  readonly layers: string;
  readonly inputs: Readonly<Record<Role, RecipeInput>>;
  /** What was measured of exactly this merge; absent where nothing was. */
  readonly metrics?: readonly RecipeMetric[];
  /** What was found in the models and is worth knowing; absent where nothing was. */
  readonly findings?: readonly KnownFinding[];
}

export const mergeRecord = (
  { id, formula, source }: Method,
  facts: Pick<MergeRecord, 'studio' | 'settings' | 'layers' | 'inputs'> & {
    readonly metrics: readonly RecipeMetric[];
    readonly findings: readonly KnownFinding[];
  },
): MergeRecord => ({
  format: 'frism-merge',
  version: 1,
  studio: facts.studio,
  method: id,
  settings: facts.settings,
  formula,
  source,
  layers: facts.layers,
  inputs: facts.inputs,
  ...(facts.metrics.length > 0 && { metrics: facts.metrics }),
  ...(facts.findings.length > 0 && { findings: facts.findings }),
});
