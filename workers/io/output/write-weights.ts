/**
 * Writes the weights of a checkpoint again with some tensors replaced. Names, formats and shapes stay the
 * same, and so does every byte that is not replaced. Tensors pass through in pieces, so that the largest file
 * needs no more memory than the smallest.
 */
import { StudioError } from '../../../core/errors.ts';
import { isDtype } from '../../../core/safetensors/dtype.ts';
import { encodeShardIndex, planShards, type PlannedShard } from '../../../core/safetensors/shard-plan.ts';
import { encodeHeader, type TensorLayout } from '../../../core/safetensors/write.ts';
import { ahead } from '../ahead.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { Checkpoint, OutputFile, OutputFolder, TensorEntry } from '../contract.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';
/** Read, computed and written at a time. */
const pieceBytes = 8 * 2 ** 20;

export interface WriteOptions {
  /**
   * The new bytes of a tensor in its own dtype, piece by piece, or null to keep it. Asked once a tensor, in
   * file order.
   */
  readonly replace: (tensor: TensorEntry) => AsyncIterable<Uint8Array<ArrayBuffer>> | null;
  /** Null keeps the checkpoint's own shards and their order; a number of bytes makes new ones. */
  readonly maxShardBytes: number | null;
  /**
   * `__metadata__` of the i-th file, in this order. Pass the checkpoint's own to get an untouched file back
   * byte for byte.
   */
  readonly metadata: (shard: number, file: string) => Readonly<Record<string, string>>;
  /** Called with the number of bytes of tensor data written since the last call. */
  readonly onBytes?: (bytes: number) => void;
  /** Called with the bytes of each tensor that is kept, piece by piece in order, before they are written. */
  readonly onKept?: (tensor: TensorEntry, bytes: Uint8Array<ArrayBuffer>) => void;
  readonly signal?: AbortSignal;
}

/** The shard files of a checkpoint, in the order of their tensors. */
export function shardFiles(checkpoint: Checkpoint): string[] {
  return [...new Set([...checkpoint.tensors.values()].map(({ file }) => file))];
}

/** @returns the files written, the index last where there is one */
export async function writeWeights(
  checkpoint: Checkpoint,
  output: OutputFolder,
  options: WriteOptions,
): Promise<string[]> {
  const shards = plan(checkpoint, options.maxShardBytes);
  for (const [i, shard] of shards.entries())
    await writeShard(checkpoint, output, shard, options.metadata(i, shard.file), options);
  return [...shards.map(({ file }) => file), ...(await writeIndex(shards, output, options.signal))];
}

/** The index of a checkpoint's own shards, where they need one. @returns the file written, if any */
export const writeOwnIndex = (
  checkpoint: Checkpoint,
  output: OutputFolder,
  signal?: AbortSignal,
): Promise<string[]> => writeIndex(plan(checkpoint, null), output, signal);

async function writeIndex(
  shards: readonly PlannedShard<TensorEntry>[],
  output: OutputFolder,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (shards.length === 1 && shards[0]?.file === singleFile) return [];
  await writeText(output, indexFile, encodeShardIndex(shards), signal);
  return [indexFile];
}

/** All bytes of one file as they are. */
export async function copyFile(
  source: {
    readonly sizeBytes: number;
    read(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  },
  output: OutputFolder,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const file = await output.create(path, signal);
  for await (const piece of ahead(
    inPieces(source.sizeBytes, (begin, end) => source.read(begin, end, signal)),
  ))
    await file.write(piece);
  await file.close();
}

export async function writeText(
  output: OutputFolder,
  path: string,
  text: string,
  signal?: AbortSignal,
): Promise<void> {
  const file = await output.create(path, signal);
  await file.write(new TextEncoder().encode(text));
  await file.close();
}

function plan(checkpoint: Checkpoint, maxShardBytes: number | null): PlannedShard<TensorEntry>[] {
  const all = [...checkpoint.tensors.values()];
  if (maxShardBytes !== null) return planShards(all, maxShardBytes);
  return shardFiles(checkpoint).map((file) => ({
    file,
    tensors: all.filter((entry) => entry.file === file),
  }));
}

async function writeShard(
  checkpoint: Checkpoint,
  output: OutputFolder,
  { file, tensors }: PlannedShard<TensorEntry>,
  metadata: Readonly<Record<string, string>>,
  options: WriteOptions,
): Promise<void> {
  const out = await output.create(file, options.signal);
  await out.write(encodeHeader(tensors.map(layout), new Map(Object.entries(metadata))));
  for await (const { tensor, bytes, written } of ahead(pieces(checkpoint, tensors, options), 2)) {
    throwIfCancelled(options.signal);
    await writePiece(out, tensor, bytes, written);
    options.onBytes?.(bytes.length);
  }
  await out.close();
}

/**
 * One stream over all tensors, so that the first piece of the next is on its way while the last of this one
 * is written.
 */
async function* pieces(
  checkpoint: Checkpoint,
  tensors: readonly TensorEntry[],
  { replace, onKept, signal }: WriteOptions,
) {
  for (const tensor of tensors) {
    const replaced = replace(tensor);
    const stream =
      replaced ??
      inPieces(tensor.sizeBytes, (begin, end) => checkpoint.readRange(tensor.name, begin, end, signal));
    let sum = 0;
    for await (const bytes of stream) {
      sum += bytes.length;
      if (!replaced) onKept?.(tensor, bytes);
      yield { tensor, bytes, written: sum };
    }
    if (sum !== tensor.sizeBytes) {
      const message = `${tensor.name} of shape [${tensor.shape.join(', ')}] needs ${tensor.sizeBytes} bytes of ${tensor.dtype} but has ${sum}.`;
      throw new StudioError('internal', message, { details: { tensor: tensor.name, value: sum } });
    }
  }
}

async function writePiece(
  out: OutputFile,
  tensor: TensorEntry,
  bytes: Uint8Array<ArrayBuffer>,
  written: number,
): Promise<void> {
  if (written > tensor.sizeBytes) {
    throw new StudioError(
      'internal',
      `${tensor.name} of ${tensor.sizeBytes} bytes was given at least ${written}.`,
      { details: { tensor: tensor.name, value: written } },
    );
  }
  await out.write(bytes);
}

async function* inPieces(
  sizeBytes: number,
  read: (begin: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
) {
  for (let at = 0; at < sizeBytes; at += pieceBytes)
    yield await read(at, Math.min(sizeBytes, at + pieceBytes));
}

function layout({ name, dtype, shape }: TensorEntry): TensorLayout {
  if (!isDtype(dtype))
    throw new StudioError('internal', `${name} has the unknown dtype ${dtype}.`, {
      details: { tensor: name, value: dtype },
    });
  return { name, dtype, shape };
}
