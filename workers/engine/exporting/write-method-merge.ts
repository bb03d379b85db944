/**
 * A merge by a method without gates as a Hugging Face folder: tensors pass through in pieces, and memory does not
 * grow with the models. The page's export and the command line both write it here.
 */
import { version } from '../../../package.json';
import { knownFindings, requireAccepted } from '../../../core/family/accept-findings.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { Role } from '../../../core/family/trio.ts';
import type { MethodValues, StreamMethod } from '../../../core/merging/method.ts';
import type { PassedOver } from '../../../core/reading/folder-rules.ts';
import { mergeRecord, type MergeRecord } from '../../../core/recipe/merge-record.ts';
import { mergeKey, type RecipeMetric } from '../../../core/recipe/recipe.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { Checkpoint, ModelFolder, OutputFolder } from '../../io/contract.ts';
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
}

/**
 * Weights first and config.json after them, so that a folder cut short is taken for none. Committing and
 * discarding the output is the caller's.
 */
export async function writeMethodMerge(
  merge: MethodMerge,
  output: OutputFolder,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<WrittenMerge> {
  const { method, settings, checkpoints, folders, inputs, metrics } = merge;
  requireAccepted(merge.findings, merge.accepted);
  const findings = knownFindings(merge.findings);
  const { vlm } = checkpoints;
  const merged = new Map(
    method.stream.isNothing?.(settings) ? [] : merge.tensors.map((names) => [names.vlm, names]),
  );
  const record = mergeRecord(method, {
    studio: version,
    settings,
    layers: merge.layers,
    inputs,
    metrics,
    findings,
  });
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
      record: merged.size > 0 ? { [mergeKey]: JSON.stringify(record) } : null,
    }),
    onBytes: (size) => report((bytes += size)),
    signal,
  });
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
    files: [...files, 'merge.json', 'README.md', ...carried],
    leftOut: [...beside.leftOut, ...metadataLeftOut(vlm, merge.maxShardBytes)],
  };
}
