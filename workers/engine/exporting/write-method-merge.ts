/**
 * A merge by a method without gates as a Hugging Face folder: tensors pass through in pieces, and memory does not
 * grow with the models. The page's export and the command line both write it here.
 */
import { version } from '../../../package.json';
import { knownFindings, requireAccepted } from '../../../core/family/accept-findings.ts';
import { valuesNotFinite } from '../../../core/family/copied-values.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { Role } from '../../../core/family/trio.ts';
import type { MethodValues, StreamMethod } from '../../../core/merging/method.ts';
import type { PassedOver } from '../../../core/reading/folder-rules.ts';
import { mergeRecord, type MergeRecord } from '../../../core/recipe/merge-record.ts';
import { mergeKey, type RecipeMetric } from '../../../core/recipe/recipe.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { Checkpoint, ModelFolder, OutputFolder } from '../../io/contract.ts';
import { CopiedValues } from '../../io/copied-values.ts';
import { writeText, writeWeights } from '../../io/output/write-weights.ts';
import { namedTensors } from '../../merge/sources.ts';
import { mergeStream } from '../../merge/stream.ts';
import { progressMeter } from '../progress-meter.ts';
import type { CardInputs } from './card-parts.ts';
import { copyCarriedFiles, findCarriedFiles } from './export-files.ts';
import { readLicence } from './licence.ts';
import { methodCard } from './method-card.ts';
import { metadataLeftOut, shardMetadata } from './shard-metadata.ts';

export interface MethodMerge {
  readonly method: StreamMethod;
  /** All of the method's. */
  readonly settings: MethodValues;
  readonly checkpoints: Readonly<Record<Role, Checkpoint>>;
  readonly folders: Readonly<Record<Role, ModelFolder>>;
  readonly inputs: MergeRecord['inputs'];
  /** Tensor names of what is merged. */
  readonly tensors: readonly Readonly<Record<Role, string>>[];
  /** Which layers these are, as in “layers 10-19”. */
  readonly layers: string;
  readonly metrics: readonly RecipeMetric[];
  /** All that was found in the models. */
  readonly findings: readonly Finding[];
  /** Codes of the errors among them that a person accepts; any other rejects with `mismatch`. */
  readonly accepted: readonly string[];
  readonly maxShardBytes: number | null;
}

export interface WrittenMerge {
  readonly record: MergeRecord;
  readonly changed: number;
  readonly untouched: number;
  /** Of tensors. */
  readonly bytes: number;
  readonly files: readonly string[];
  /** What the VLM's folder holds and the merge does not. */
  readonly leftOut: readonly PassedOver[];
  /** What the copied tensors showed while they were written; also in `record`. */
  readonly found: readonly Finding[];
}

/**
 * Weights first and config.json after them, so that a folder cut short is taken for none. Committing and
 * discarding the output is the caller's. What only the copied tensors show is in merge.json and the card, but in the
 * first shard's header only where it was known before: that is written before they are read.
 */
export async function writeMethodMerge(
  merge: MethodMerge,
  output: OutputFolder,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<WrittenMerge> {
  const { method, settings, checkpoints, folders, inputs, metrics } = merge;
  requireAccepted(merge.findings, merge.accepted);
  const { vlm } = checkpoints;
  const merged = new Map(
    method.stream.isNothing?.(settings) ? [] : merge.tensors.map((names) => [names.vlm, names]),
  );
  const recordOf = (findings: readonly Finding[]) =>
    mergeRecord(method, {
      studio: version,
      settings,
      layers: merge.layers,
      inputs,
      metrics,
      findings: knownFindings(findings),
    });
  const values = new CopiedValues();
  const report = progressMeter({ stage: 'Merging weights', total: vlm.sizeBytes, unit: 'bytes' }, onProgress);
  report(0);
  let bytes = 0;
  const files = await writeWeights(vlm, output, {
    replace: ({ name }) => {
      const names = merged.get(name);
      return names ? mergeStream(method, settings, namedTensors(checkpoints, names), signal) : null;
    },
    maxShardBytes: merge.maxShardBytes,
    metadata: shardMetadata(vlm, {
      isKept: merge.maxShardBytes === null,
      record: merged.size > 0 ? { [mergeKey]: JSON.stringify(recordOf(merge.findings)) } : null,
    }),
    onKept: values.piece,
    onBytes: (size) => report((bytes += size)),
    signal,
  });
  const found = valuesNotFinite(vlm.label, values.found());
  const news = found.filter(({ code }) => !merge.findings.some((known) => known.code === code));
  const record = recordOf([...merge.findings, ...news]);
  const listed = { ...record, tensors: [...merged.keys()] };
  await writeText(output, 'merge.json', `${JSON.stringify(listed, null, 2)}\n`, signal);
  const cards: CardInputs = {
    base: { ...inputs.base, licence: await readLicence(folders.base, signal) },
    vlm: { ...inputs.vlm, licence: await readLicence(folders.vlm, signal) },
    lrm: { ...inputs.lrm, licence: await readLicence(folders.lrm, signal) },
  };
  const beside = await findCarriedFiles(folders.vlm, vlm, 'all', signal);
  await writeText(output, 'README.md', methodCard(record, cards, merged.size, beside), signal);
  const carried = await copyCarriedFiles(beside, output, signal);
  return {
    record,
    changed: merged.size,
    untouched: vlm.tensors.size - merged.size,
    bytes,
    found,
    files: [...files, 'merge.json', 'README.md', ...carried],
    leftOut: [...beside.leftOut, ...metadataLeftOut(vlm, merge.maxShardBytes)],
  };
}
