/**
 * Opens a Hugging Face folder: config.json, and the files that hold its weights (shards.ts). Headers are read
 * and checked here, tensor data when it is asked for, one tensor at a time.
 */
import { StudioError } from '../../../core/errors.ts';
import { configFindings } from '../../../core/family/config-findings.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { unusedTensors } from '../../../core/family/unused-tensors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { JsonField } from '../../../core/json-field.ts';
import { remedyWithoutConfig } from '../../../core/reading/other-weights.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import type { Dtype } from '../../../core/safetensors/dtype.ts';
import { joinMetadata } from '../../../core/safetensors/metadata.ts';
import type { ByteSource, Checkpoint, ModelFolder, TensorEntry } from '../contract.ts';
import { checkRange } from '../range.ts';
import { factorsAmongWeights } from './adapter-alone.ts';
import { readFolderText, readMarkedText } from './folder-text.ts';
import { namesOf } from './no-weights.ts';
import { findShards, openShard, type Shard } from './shards.ts';
import { asNumbers } from './stored-weights.ts';
import { withoutWrappers } from './wrapped-names.ts';

/** Ten times what the largest of them have. */
export const maxConfigBytes = 2 * 2 ** 20;
/** Tensors of one or more files, headers checked, data on demand. */
export type Weights = Pick<
  Checkpoint,
  | 'label'
  | 'remote'
  | 'tensors'
  | 'metadata'
  | 'fileMetadata'
  | 'sizeBytes'
  | 'readRaw'
  | 'readRange'
  | 'readFloat32'
>;

/**
 * `onBytes`: called with the size of each tensor as its data has been read; `sizeBytes` of the checkpoint is
 * their sum.
 */
export async function openCheckpoint(
  folder: ModelFolder,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Checkpoint> {
  const { config, findings: said } = await readConfig(folder, signal);
  const { shards, findings } = await findShards(folder, signal);
  const { weights: stored, findings: wrapped } = withoutWrappers(weightsOf(folder, shards, onBytes));
  const factors = factorsAmongWeights(folder.label, stored.tensors.keys());
  const listed = folder.list && (await folder.list(signal)).files;
  const marks: Finding[] = [];
  const weights = await asNumbers(
    stored,
    config,
    (file) => readFolderText(folder, file, signal, maxConfigBytes, (finding) => marks.push(finding)),
    listed,
  );
  return {
    ...weights,
    config,
    findings: [
      ...said,
      ...findings,
      ...marks,
      ...wrapped,
      ...factors,
      ...weights.findings,
      ...configFindings(config, folder.label),
      ...unusedTensors(folder.label, readModelSpec(config, weights.tensors.keys()), weights.tensors.keys()),
    ],
    readText: (path, readSignal, onFinding) => readFolderText(folder, path, readSignal, undefined, onFinding),
  };
}

/** Single files by name, without config or index. */
export async function openWeights(
  folder: ModelFolder,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Weights> {
  const shards: Shard[] = [];
  for (const file of files) {
    const source = await folder.open(file, signal);
    if (!source) throw new StudioError('missing', `${folder.label} has no ${file}.`, { details: { file } });
    shards.push(await openShard(file, source, signal));
  }
  return weightsOf(folder, shards);
}

function weightsOf(
  folder: ModelFolder,
  shards: readonly Shard[],
  onBytes?: (bytes: number) => void,
): Weights {
  const tensors = new Map<string, TensorEntry>();
  const places = new Map<
    string,
    { readonly source: ByteSource; readonly dtype: Dtype; readonly begin: number; readonly end: number }
  >();
  let sizeBytes = 0;
  for (const { file, source, header } of shards) {
    for (const { name, dtype, shape, begin, end } of header.tensors) {
      tensors.set(name, { name, dtype, shape, sizeBytes: end - begin, file });
      places.set(name, { source, dtype, begin, end });
      sizeBytes += end - begin;
    }
  }
  if (tensors.size === 0)
    throw new StudioError('missing', `${folder.label} holds no tensors.`, {
      details: { file: folder.label },
    });

  const placeOf = (name: string) => {
    const place = places.get(name);
    if (!place)
      throw new StudioError('missing', `${folder.label} has no tensor ${name}.`, {
        details: { file: folder.label, tensor: name },
      });
    return place;
  };
  const readRange = async (
    name: string,
    begin: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> => {
    const place = placeOf(name);
    checkRange(`${folder.label}, ${name}`, place.end - place.begin, begin, end);
    const bytes = await place.source.read(place.begin + begin, place.begin + end, signal);
    onBytes?.(bytes.length);
    return bytes;
  };
  const readRaw = async (name: string, signal?: AbortSignal) => {
    const { begin, end } = placeOf(name);
    return readRange(name, 0, end - begin, signal);
  };
  const fileMetadata = new Map(
    shards.map(({ file, header }) => [file, Object.fromEntries(header.metadata)] as const),
  );
  return {
    label: folder.label,
    remote: folder.remote ?? false,
    tensors,
    metadata: joinMetadata(fileMetadata.values()).metadata,
    fileMetadata,
    sizeBytes,
    readRaw,
    readRange,
    readFloat32: async (name, signal) => decodeFloat32(placeOf(name).dtype, await readRaw(name, signal)),
  };
}

async function readConfig(
  folder: ModelFolder,
  signal: AbortSignal | undefined,
): Promise<{ readonly config: unknown; readonly findings: readonly Finding[] }> {
  const read = await readMarkedText(folder, 'config.json', signal, maxConfigBytes);
  if (read === null)
    throw new StudioError(
      'missing',
      `${folder.label} has no config.json. ${remedyWithoutConfig(await namesOf(folder, signal))}`,
      { details: { file: 'config.json' } },
    );
  const config = JsonField.parse(read.text, `${folder.label}/config.json`).raw;
  return { config, findings: read.findings };
}
