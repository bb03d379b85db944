/** What can be done with a merge by a method without gates: measure it, ask it, export it. */
import type { ExportTarget } from '../../../protocol/engine.ts';
import { row } from './action.ts';
import { canMeasure } from './measure-actions.ts';
import { firstOf, needsCompute, needsFit, needsModels, notWhileExporting } from './obstacles.ts';
import { canAsk } from './output-actions.ts';

export interface MethodExportChoice {
  readonly target: ExportTarget;
  readonly maxShardBytes: number | null;
}

export const methodActions = {
  measureMethod: row({
    label: 'Measure the merge by another method',
    labelNow: () => 'Measure',
    hint: () => 'Measures this merge on both test sets and adds it to the trade-off.',
    icon: 'measure',
    obstacle: canMeasure,
    perform: (state) => state.evaluateMethod(),
  }),
  askMethod: row({
    label: 'Ask the merge by another method',
    labelNow: () => 'Ask',
    hint: () => 'Asks the question of Try it about its image, with this merge as the merged model.',
    icon: 'send',
    obstacle: canAsk,
    perform: (state) => state.askMethod(),
  }),
  /** The argument is null where only the obstacle is asked for: a folder is picked after the click. */
  exportMethod: row<MethodExportChoice | null>({
    label: 'Export the merge by another method',
    icon: 'download',
    obstacle: firstOf(needsCompute, needsModels, needsFit, notWhileExporting),
    perform: (state, choice) => choice && state.exportMethod(choice.target, choice.maxShardBytes),
  }),
};
