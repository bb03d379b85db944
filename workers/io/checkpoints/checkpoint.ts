/**
 * Opens a Hugging Face folder: config.json, and model.safetensors or the shards its index names. Headers are
 * read and checked here, tensor data when it is asked for, one tensor at a time.
 */
import { StudioError } from '../../../core/errors.ts';
import { JsonField } from '../../../core/json-field.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import type { Dtype } from '../../../core/safetensors/dtype.ts';
import { headerLength, parseHeader, type SafetensorsHeader } from '../../../core/safetensors/header.ts';
import { checkShard, parseShardIndex } from '../../../core/safetensors/shard-index.ts';
import type { ByteSource, Checkpoint, ModelFolder, TensorEntry } from '../contract.ts';
import { checkRange } from '../range.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';
/** Tokenizers of large vocabularies reach 35 MB. */
const maxTextBytes = 64 * 2 ** 20;
/** Ten times what the largest of them have. */
export const maxConfigBytes = 2 * 2 ** 20;
/** A line of about 100 bytes a tensor. */
const maxIndexBytes = 32 * 2 ** 20;

interface Shard {
  readonly file: string;
  readonly source: ByteSource;
  readonly header: SafetensorsHeader;
}

/** Tensors of one or more files, headers checked, data on demand. */
export type Weights = Pick<
  Checkpoint,
  'label' | 'remote' | 'tensors' | 'metadata' | 'sizeBytes' | 'readRaw' | 'readRange' | 'readFloat32'
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
  const config = parseConfig(
    await readFolderText(folder, 'config.json', signal, maxConfigBytes),
    folder.label,
  );
  return {
    ...weightsOf(folder, await openShards(folder, signal), onBytes),
    config,
    readText: (path, readSignal) => readFolderText(folder, path, readSignal),
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
  return {
    label: folder.label,
    remote: folder.remote ?? false,
    tensors,
    metadata: Object.fromEntries(shards[0]?.header.metadata ?? []),
    sizeBytes,
    readRaw,
    readRange,
    readFloat32: async (name, signal) => decodeFloat32(placeOf(name).dtype, await readRaw(name, signal)),
  };
}

async function openShards(folder: ModelFolder, signal: AbortSignal | undefined): Promise<Shard[]> {
  // As in transformers, a single file wins over an index beside it.
  const single = await folder.open(singleFile, signal);
  if (single) return [await openShard(singleFile, single, signal)];
  const indexText = await readFolderText(folder, indexFile, signal, maxIndexBytes);
  if (indexText === null) return refuseWithoutWeights(folder, signal);
  const index = parseShardIndex(indexText, `${folder.label}/${indexFile}`);
  const shards: Shard[] = [];
  for (const file of [...index.shards.keys()].sort()) {
    const source = await folder.open(file, signal);
    if (!source) {
      throw new StudioError(
        'missing',
        `${folder.label} has no ${file}, which its index names. Download all ${index.shards.size} shards.`,
        { details: { file } },
      );
    }
    const shard = await openShard(file, source, signal);
    checkShard(index, file, shard.header, indexFile);
    shards.push(shard);
  }
  return shards;
}

async function openShard(file: string, source: ByteSource, signal: AbortSignal | undefined): Promise<Shard> {
  const start = await source.read(0, Math.min(8, source.sizeBytes), signal);
  const length = headerLength(start, source.sizeBytes, source.name);
  return {
    file,
    source,
    header: parseHeader(await source.read(0, 8 + length, signal), source.sizeBytes, source.name),
  };
}

async function refuseWithoutWeights(folder: ModelFolder, signal: AbortSignal | undefined): Promise<never> {
  for (const [file, what] of [
    ['adapter_model.safetensors', 'a LoRA adapter; merge it into its base model first'],
    ['pytorch_model.bin', 'PyTorch pickle weights; convert them to safetensors first'],
    ['pytorch_model.bin.index.json', 'PyTorch pickle weights; convert them to safetensors first'],
  ] as const) {
    if (await folder.open(file, signal))
      throw new StudioError('unsupported', `${folder.label} holds only ${what}.`, { details: { file } });
  }
  throw new StudioError('missing', `${folder.label} has neither ${singleFile} nor ${indexFile}.`, {
    details: { file: singleFile },
  });
}

export async function readFolderText(
  folder: ModelFolder,
  path: string,
  signal?: AbortSignal,
  maxBytes = maxTextBytes,
): Promise<string | null> {
  const source = await folder.open(path, signal);
  if (!source) return null;
  if (source.sizeBytes > maxBytes) {
    throw new StudioError(
      'bad-file',
      `${source.name} is ${source.sizeBytes} bytes long, too long for such a file: at most ${maxBytes} are read.`,
      { details: { file: source.name, value: source.sizeBytes } },
    );
  }
  const bytes = await source.read(0, source.sizeBytes, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StudioError('bad-file', `${source.name} is not valid UTF-8 text.`, {
      details: { file: source.name },
      cause,
    });
  }
}

function parseConfig(text: string | null, label: string): unknown {
  if (text === null) {
    throw new StudioError(
      'missing',
      `${label} has no config.json. Choose the folder that holds config.json and ${singleFile}.`,
      { details: { file: 'config.json' } },
    );
  }
  return JsonField.parse(text, `${label}/config.json`).raw;
}
