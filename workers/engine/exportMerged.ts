/** The merged checkpoint as files of a Hugging Face folder: weights, what `transformers` needs beside them, recipe, card, check. */
import type { ExportedFile, ExportReport } from '../../src/protocol/engine.ts';
import type { Progress } from '../../src/protocol/events.ts';
import type { DistillOptions } from '../../src/protocol/session.ts';
import { carriedFiles } from './exportFiles.ts';
import { exportWeights } from './exportWeights.ts';
import { modelCard } from './modelCard.ts';
import type { OpenSession } from './openSession.ts';
import { progressMeter } from './progressMeter.ts';
import { checkOptions } from './prepare.ts';
import { sessionRecipe } from './sessionRecipe.ts';
import { studioCheck } from './studioCheck.ts';

export async function exportMerged(session: OpenSession, options: DistillOptions, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ExportReport> {
  checkOptions(options);
  // As they are now: edits during the export belong to the next one.
  const field = session.live.field();
  const hashing = progressMeter({ stage: 'Hashing the models', total: 3, unit: 'items' }, onProgress);
  const recipe = await sessionRecipe(session, field, options, (models) => hashing(models), signal);
  const writing = progressMeter({ stage: 'Merging weights', total: session.checkpoints.vlm.sizeBytes, unit: 'bytes' }, onProgress);
  const weights = await exportWeights(session, { gates: field.values, lambda: options.lambda, recipe, onBytes: (bytes) => writing(bytes), signal });
  const text = (path: string, content: string): ExportedFile => ({ path, bytes: new TextEncoder().encode(content) });
  const files = [
    ...weights.files,
    ...(await carriedFiles(session.folders.vlm, signal)),
    text('recipe.json', `${recipe}\n`),
    text('README.md', modelCard(session, options, field.values, weights.changed)),
    ...(session.forward ? [text('studio-check.json', await studioCheck(session, field.values, options.lambda, signal))] : []),
  ];
  return { files, changed: weights.changed, untouched: weights.untouched, recipe };
}
