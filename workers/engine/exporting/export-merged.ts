/**
 * The merge as files. A checkpoint is a Hugging Face folder: weights, what `transformers` needs beside them,
 * recipe, card, check. An adapter is a PEFT folder on the VLM.
 */
import { requireAccepted } from '../../../core/family/accept-findings.ts';
import { checkOptions } from '../../../core/objective/check-options.ts';
import { encodeRecipe } from '../../../core/recipe/encode.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import type { ExportOptions, ExportReport, RecipeRequest } from '../../../protocol/engine.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { OutputFolder } from '../../io/contract.ts';
import { writeText } from '../../io/output/write-weights.ts';
import { exportAdapter, type AdapterJob } from './export-adapter.ts';
import { copyCarriedFiles, findCarriedFiles } from './export-files.ts';
import { exportWeights, type WeightsJob } from './export-weights.ts';
import { modelCard, readLicences } from './model-card.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { progressMeter } from '../progress-meter.ts';
import { targetGates } from '../target.ts';
import { metadataLeftOut } from './shard-metadata.ts';
import { sessionRecipe } from './session-recipe.ts';
import { studioCheck } from './studio-check.ts';
import { wholeOrNothing, type ExportOutput } from './whole-or-nothing.ts';

export function makeRecipe(
  session: OpenSession,
  { run, gates, applied = null, preset = null }: RecipeRequest & Pick<ExportOptions, 'preset'>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Recipe> {
  checkOptions(run);
  targetGates(session, gates.values);
  return sessionRecipe(session, { field: gates, options: run, applied, preset }, onProgress, signal);
}

/**
 * The weights come first, and the configuration after everything else, so that a folder cut short has none and is taken
 * for no model.
 */
export async function exportMerged(
  session: OpenSession,
  options: ExportOptions,
  open: () => Promise<ExportOutput>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ExportReport> {
  const { run, gates: field, format } = options;
  requireAccepted(session.facts.pairing.findings, options.accepted ?? []);
  const made = await makeRecipe(session, options, onProgress, signal);
  const recipe = encodeRecipe(made);
  const licences = await readLicences(session, signal);
  // What the studio computed can be compared with what others compute, unless the adapter leaves some of it
  // out.
  const whole = format.kind === 'checkpoint' || format.maxRank === null;
  const check =
    session.forward && whole
      ? await studioCheck(session, { kind: 'merged', gates: field.values, lambda: run.lambda }, signal)
      : null;
  return wholeOrNothing(open, async (output) => {
    const job = { gates: field.values, lambda: run.lambda, recipe, signal };
    const { changed, untouched, energyKept, config } =
      format.kind === 'adapter'
        ? await asAdapter(session, output, { ...job, maxRank: format.maxRank }, onProgress)
        : await asCheckpoint(session, output, { ...job, maxShardBytes: format.maxShardBytes }, onProgress);
    const only = format.kind === 'checkpoint' ? 'all' : 'licences';
    const files = await findCarriedFiles(session.folders.vlm, session.checkpoints.vlm, only, signal);
    await writeText(output, 'recipe.json', `${recipe}\n`, signal);
    await writeText(
      output,
      'README.md',
      modelCard(session, { recipe: made, changed, energyKept, licences, files }),
      signal,
    );
    if (check !== null) await writeText(output, 'studio-check.json', check, signal);
    await copyCarriedFiles(files, output, signal);
    if (config) await writeText(output, config.path, config.text, signal);
    const shards = format.kind === 'checkpoint' ? format.maxShardBytes : null;
    const leftOut = [...files.leftOut, ...metadataLeftOut(session.checkpoints.vlm, shards)];
    return { changed, untouched, leftOut, findings: session.hashes.findings, energyKept, recipe };
  });
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
    config: null,
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
