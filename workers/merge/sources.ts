/**
 * One tensor of three models, piece by piece: what merges in a stream read, as often as they need. Shapes are
 * equal (paired before); element types may differ.
 */
import { StudioError } from '../../core/errors.ts';
import type { TensorSource } from '../../core/merging/method.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype, type Dtype } from '../../core/safetensors/dtype.ts';
import type { Checkpoint, TensorEntry } from '../io/contract.ts';

export interface TensorOf {
  readonly checkpoint: Checkpoint;
  readonly tensor: string;
}

export interface StreamInputs {
  readonly vlm: TensorOf;
  readonly lrm: TensorOf;
  readonly base: TensorOf;
}

/** Elements as a file has them. */
export interface StoredPiece {
  readonly dtype: Dtype;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface StoredPieces {
  /** Index of the first element within the tensor, row-major. */
  readonly at: number;
  readonly vlm: StoredPiece;
  readonly lrm: StoredPiece;
  readonly base: StoredPiece;
}

/**
 * Elements at a time, about: the float32 copies of a piece stay in a processor's cache and a few of them in
 * memory.
 */
const pieceElements = 2 ** 20;

export const columnsOf = ({ shape }: TensorEntry): number => shape.at(-1) ?? 1;

/** Throws `missing` where the VLM has no such tensor. */
export function entryOf({ checkpoint, tensor }: TensorOf): TensorEntry {
  const entry = checkpoint.tensors.get(tensor);
  if (!entry)
    throw new StudioError('missing', `${checkpoint.label} has no tensor ${tensor}.`, { details: { tensor } });
  return entry;
}

/** Whole rows at a time. Throws `unsupported` for what are no floats. */
export async function* storedPieces(
  inputs: StreamInputs,
  signal?: AbortSignal,
): AsyncGenerator<StoredPieces, void, undefined> {
  const entry = entryOf(inputs.vlm);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const columns = columnsOf(entry);
  const elements = columns * Math.max(1, Math.floor(pieceElements / columns));
  for (let at = 0; at < count; at += elements) {
    const end = Math.min(count, at + elements);
    const [vlm, lrm, base] = await Promise.all([
      stored(inputs.vlm, at, end, signal),
      stored(inputs.lrm, at, end, signal),
      stored(inputs.base, at, end, signal),
    ]);
    yield { at, vlm, lrm, base };
  }
}

export function tensorSource(inputs: StreamInputs, signal?: AbortSignal): TensorSource {
  return {
    name: inputs.vlm.tensor,
    columns: columnsOf(entryOf(inputs.vlm)),
    async *pieces() {
      for await (const { at, vlm, lrm, base } of storedPieces(inputs, signal))
        yield { at, vlm: decoded(vlm), lrm: decoded(lrm), base: decoded(base) };
    },
  };
}

export const decoded = ({ dtype, bytes }: StoredPiece): Float32Array<ArrayBuffer> =>
  decodeFloat32(dtype, bytes);

async function stored(
  { checkpoint, tensor }: TensorOf,
  begin: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<StoredPiece> {
  const dtype = checkpoint.tensors.get(tensor)?.dtype ?? 'unknown';
  if (!isFloatDtype(dtype))
    throw new StudioError(
      'unsupported',
      `${tensor} is stored as ${dtype}; only F64, F32, F16 and BF16 weights can be merged.`,
      { details: { tensor, value: dtype } },
    );
  const size = dtypeBytes[dtype];
  return { dtype, bytes: await checkpoint.readRange(tensor, begin * size, end * size, signal) };
}
