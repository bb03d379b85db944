/**
 * One tensor of three models, piece by piece: what merges in a stream read, as often as they need. Shapes are
 * equal (paired before); element types may differ.
 */
import { StudioError } from '../../core/errors.ts';
import { roles, type Role } from '../../core/family/trio.ts';
import type { TensorPiece, TensorSource } from '../../core/merging/method.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype, type Dtype } from '../../core/safetensors/dtype.ts';
import type { Checkpoint, TensorEntry } from '../io/contract.ts';
import { allFinite, requireFinite } from './finite.ts';
import type { TensorOf } from './tensor-of.ts';

export interface StreamInputs {
  readonly vlm: TensorOf;
  readonly lrm: TensorOf;
  readonly base: TensorOf;
}

/** The tensors of these names in the three checkpoints. */
export const namedTensors = (
  checkpoints: Readonly<Record<Role, Checkpoint>>,
  names: Readonly<Record<Role, string>>,
): StreamInputs => ({
  vlm: { checkpoint: checkpoints.vlm, tensor: names.vlm },
  lrm: { checkpoint: checkpoints.lrm, tensor: names.lrm },
  base: { checkpoint: checkpoints.base, tensor: names.base },
});

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

/** Its pieces throw `bad-file` where a value of any of the three models is not finite. */
export function tensorSource(inputs: StreamInputs, signal?: AbortSignal): TensorSource {
  // A method may read the tensor several times; what was read to its end once is known to be finite.
  let checked = false;
  return {
    name: inputs.vlm.tensor,
    columns: columnsOf(entryOf(inputs.vlm)),
    async *pieces() {
      for await (const piece of storedPieces(inputs, signal))
        yield checked ? decoded(piece) : await finitePiece(inputs, piece, signal);
      checked = true;
    },
  };
}

/** In float32. Throws `bad-file` where a value is not finite. */
export async function finitePiece(
  inputs: StreamInputs,
  stored: StoredPieces,
  signal?: AbortSignal,
): Promise<TensorPiece> {
  const piece = decoded(stored);
  for (const role of roles) if (!allFinite(piece[role])) await requireFinite(role, inputs[role], signal);
  return piece;
}

function decoded({ at, vlm, lrm, base }: StoredPieces): TensorPiece {
  const floats = ({ dtype, bytes }: StoredPiece) => decodeFloat32(dtype, bytes);
  return { at, vlm: floats(vlm), lrm: floats(lrm), base: floats(base) };
}

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
