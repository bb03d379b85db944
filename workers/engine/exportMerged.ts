/** The merged checkpoint as a Hugging Face folder: weights, what `transformers` needs beside them, recipe, card, check. */
import type { ExportOptions, ExportReport } from '../../src/protocol/engine.ts';
import type { Progress } from '../../src/protocol/events.ts';
import type { OutputFolder } from '../io/contract.ts';
import { countingOutput } from '../io/counting-output.ts';
import { writeText } from '../io/write-weights.ts';
import { copyCarriedFiles } from './exportFiles.ts';
import { exportWeights } from './exportWeights.ts';
import { modelCard } from './modelCard.ts';
import type { OpenSession } from './openSession.ts';
import { progressMeter } from './progressMeter.ts';
import { checkOptions } from './prepare.ts';
import { sessionRecipe } from './sessionRecipe.ts';
import { studioCheck } from './studioCheck.ts';

/** An output folder, and how its content is handed to the page once it is committed. */
export interface ExportOutput extends OutputFolder {
  archive?(): Promise<Blob>;
}

/** Weights first and config.json after them, so that a folder cut short has no config and is taken for none. */
export async function exportMerged(session: OpenSession, { run, maxShardBytes }: ExportOptions, open: () => Promise<ExportOutput>, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ExportReport> {
  checkOptions(run);
  // As they are now: edits during the export belong to the next one.
  const field = session.live.field();
  const hashing = progressMeter({ stage: 'Hashing the models', total: 3, unit: 'items' }, onProgress);
  const recipe = await sessionRecipe(session, field, run, (models) => hashing(models), signal);
  const writing = progressMeter({ stage: 'Merging weights', total: session.checkpoints.vlm.sizeBytes, unit: 'bytes' }, onProgress);
  const check = session.forward ? await studioCheck(session, field.values, run.lambda, signal) : null;
  const opened = await open();
  const { output, files } = countingOutput(opened);
  try {
    const { changed, untouched } = await exportWeights(session, output, { gates: field.values, lambda: run.lambda, maxShardBytes, recipe, onBytes: (bytes) => writing(bytes), signal });
    await writeText(output, 'recipe.json', `${recipe}\n`, signal);
    await writeText(output, 'README.md', modelCard(session, run, field.values, changed), signal);
    if (check !== null) await writeText(output, 'studio-check.json', check, signal);
    await copyCarriedFiles(session.folders.vlm, output, signal);
    await output.commit();
    return { place: opened.label, files, archive: (await opened.archive?.()) ?? null, changed, untouched, recipe };
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}
