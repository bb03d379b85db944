/** What the merged model is for: answering a question, and leaving as files. */
import type { ExportFormat, ExportTarget } from '../../../protocol/engine.ts';
import { keyed, row } from './action.ts';
import {
  firstOf,
  needsCompute,
  needsFit,
  needsForward,
  needsModels,
  notWhileAnswering,
  notWhileApplyingRecipe,
  notWhileChangingBudget,
  notWhileExporting,
  type Check,
} from './obstacles.ts';

const needsImage: Check = ({ tryIt }) =>
  tryIt.image ? null : 'There is no image yet. Choose an image first.';
const needsQuestion: Check = ({ tryIt }) =>
  tryIt.question.trim() ? null : 'There is no question yet. Write a question first.';

export interface ExportChoice {
  readonly target: ExportTarget;
  readonly format: ExportFormat;
}

export interface FindingChoice {
  readonly code: string;
  readonly accepted: boolean;
}

export const canAsk = firstOf(
  needsCompute,
  needsForward,
  notWhileAnswering,
  notWhileChangingBudget,
  needsImage,
  needsQuestion,
);

export const outputActions = {
  ask: keyed({
    label: 'Ask the three models',
    labelNow: () => 'Ask',
    hint: () => 'Asks all three models.',
    keys: ['Q'],
    icon: 'send',
    obstacle: canAsk,
    perform: (state) => state.ask(),
  }),
  cancelAsking: row({
    label: 'Cancel answering',
    labelNow: () => 'Cancel',
    hint: () => 'Ends answering. The answers from before stay.',
    icon: 'cancel',
    obstacle: ({ tryIt }) => (tryIt.status === 'answering' ? null : 'No question is being answered.'),
    perform: (state) => state.cancelAsking(),
  }),
  /** The argument is null where only the obstacle is asked for: a folder is picked after the click. */
  exportMerged: row<ExportChoice | null>({
    label: 'Export the merged model',
    icon: 'download',
    obstacle: firstOf(
      needsCompute,
      needsModels,
      needsFit,
      notWhileExporting,
      notWhileChangingBudget,
      notWhileApplyingRecipe,
    ),
    perform: (state, choice) => choice && state.exportMerged(choice.target, choice.format),
  }),
  acceptFinding: row<FindingChoice>({
    label: 'Accept an error among the findings, to go on all the same',
    obstacle: notWhileExporting,
    perform: (state, { code, accepted }) => state.acceptFinding(code, accepted),
  }),
  saveRecipe: keyed({
    label: 'Save the recipe of these gates',
    labelNow: () => 'Save recipe',
    hint: () => 'Downloads gates, locks and settings as recipe.json, without any weights.',
    keys: ['Ctrl S'],
    icon: 'download',
    obstacle: firstOf(
      needsCompute,
      needsModels,
      notWhileExporting,
      notWhileChangingBudget,
      notWhileApplyingRecipe,
    ),
    perform: (state) => state.saveRecipe(),
  }),
  cancelExport: row({
    label: 'Cancel the export',
    labelNow: () => 'Cancel',
    icon: 'cancel',
    obstacle: ({ exporting }) => (exporting.status === 'exporting' ? null : 'No export is being written.'),
    perform: (state) => state.cancelExport(),
  }),
};
