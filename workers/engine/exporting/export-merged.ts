/**
 * The merge as files. A checkpoint is a Hugging Face folder: weights, what `transformers` needs beside them,
 * recipe, card, check. An adapter is a PEFT folder on the VLM.
 */
import { StudioError, toStudioError } from '../../../core/errors.ts';
import { checkOptions } from '../../../core/objective/check-options.ts';
import { encodeRecipe } from '../../../core/recipe/encode.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import type { ExportOptions, ExportReport } from '../../../protocol/engine.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { OutputFolder } from '../../io/contract.ts';
import { countingOutput } from '../../io/output/counting-output.ts';
import { writeText } from '../../io/output/write-weights.ts';
import { exportAdapter, type AdapterJob } from './export-adapter.ts';
import { copyCarriedFiles } from './export-files.ts';
import { exportWeights, type WeightsJob } from './export-weights.ts';
import { modelCard, readLicences } from './model-card.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { progressMeter } from '../progress-meter.ts';
import { sessionRecipe, type RecipeParts } from './session-recipe.ts';
import { studioCheck } from './studio-check.ts';

/** An output folder, and how its content is handed to the page once it is committed. */
export interface ExportOutput extends OutputFolder {
  archive?(): Promise<Blob>;
}

export function makeRecipe(
  session: OpenSession,
  parts: RecipeParts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Recipe> {
  checkOptions(parts.options);
  return sessionRecipe(session, parts, onProgress, signal);
}

/**
 * Weights first and config.json after them, so that a folder cut short has no config and is taken for none.
 */
export async function exportMerged(
  session: OpenSession,
  { run, format, laid = null, preset = null }: ExportOptions,
  open: () => Promise<ExportOutput>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ExportReport> {
  // As they are now: edits during the export belong to the next one.
  const field = session.live.field();
  const made = await makeRecipe(session, { field, options: run, laid, preset }, onProgress, signal);
  const recipe = encodeRecipe(made);
  const licences = await readLicences(session, signal);
  // What the studio computed can be compared with what others compute, unless the adapter leaves some of it
  // out.
  const whole = format.kind === 'checkpoint' || format.maxRank === null;
  const check =
    session.forward && whole ? await studioCheck(session, field.values, run.lambda, signal) : null;
  const opened = await open();
  const { output, files } = countingOutput(opened);
  try {
    const job = { gates: field.values, lambda: run.lambda, recipe, signal };
    const { changed, untouched, energyKept } =
      format.kind === 'adapter'
        ? await asAdapter(session, output, { ...job, maxRank: format.maxRank }, onProgress)
        : await asCheckpoint(session, output, { ...job, maxShardBytes: format.maxShardBytes }, onProgress);
    await writeText(output, 'recipe.json', `${recipe}\n`, signal);
    await writeText(
      output,
      'README.md',
      modelCard(session, { recipe: made, changed, energyKept, licences }),
      signal,
    );
    if (check !== null) await writeText(output, 'studio-check.json', check, signal);
    if (format.kind === 'checkpoint') await copyCarriedFiles(session.folders.vlm, output, signal);
    await output.commit();
    return {
      place: opened.label,
      files,
      archive: (await opened.archive?.()) ?? null,
      changed,
      untouched,
      energyKept,
      recipe,
    };
  } catch (thrown) {
    const left = await output.discard();
    if (left.length === 0) throw thrown;
    const error = toStudioError(thrown);
    const names = left.join(', ');
    throw new StudioError(
      error.code,
      `${error.message} What was written could not be taken away and is not a whole model: remove ${names} from ${opened.label}.`,
      { retryable: error.retryable, details: { ...error.details, left: names }, cause: thrown },
    );
  }
}

async function asCheckpoint(
  session: OpenSession,
  output: OutputFolder,
  job: Omit<WeightsJob, 'onBytes'>,
  onProgress: (progress: Progress) => void,
) {
  const report = progressMeter(
    { stage: 'Merging weights', total: session.checkpoints.vlm.sizeBytes, unit: 'bytes' },
    onProgress,
  );
  return {
    ...(await exportWeights(session, output, { ...job, onBytes: (bytes) => report(bytes) })),
    energyKept: null,
  };
}

function asAdapter(
  session: OpenSession,
  output: OutputFolder,
  job: Omit<AdapterJob, 'onShare'>,
  onProgress: (progress: Progress) => void,
) {
  const total = session.facts.slots.length;
  const report = progressMeter({ stage: 'Writing the adapter', total, unit: 'matrices' }, onProgress);
  return exportAdapter(session, output, { ...job, onShare: (share) => report(Math.round(share * total)) });
}
