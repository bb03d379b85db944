/**
 * One tensor of three models, piece by piece as float32: what elementwise merges read, as often as they need.
 */
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { piece, pieceElements, tensorSize, type ArithmeticInputs } from './arithmetic.ts';
import { roundTo } from './round.ts';

export interface SourcePiece {
  /** Index of the first element within the tensor, row-major. */
  readonly at: number;
  readonly vlm: Float32Array<ArrayBuffer>;
  readonly lrm: Float32Array<ArrayBuffer>;
  readonly base: Float32Array<ArrayBuffer>;
}

export async function* sourcePieces(
  inputs: ArithmeticInputs,
  signal?: AbortSignal,
): AsyncGenerator<SourcePiece, void, undefined> {
  const count = tensorSize(inputs);
  const roles = ['vlm', 'lrm', 'base'] as const;
  for (let at = 0; at < count; at += pieceElements) {
    const end = Math.min(count, at + pieceElements);
    const [vlm, lrm, base] = (await Promise.all(
      roles.map(async (role) => {
        const { dtype, bytes } = await piece(inputs[role], at, end, signal);
        return decodeFloat32(dtype, bytes);
      }),
    )) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
    yield { at, vlm, lrm, base };
  }
}

/**
 * Each piece merged by `merge` (float32, may write into `vlm`), as the VLM stores it. Throws `unsupported`
 * where a result is not finite.
 */
export async function* mergedPieces(
  inputs: ArithmeticInputs,
  merge: (piece: SourcePiece) => Float32Array<ArrayBuffer>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { checkpoint, tensor } = inputs.vlm;
  const dtype = checkpoint.tensors.get(tensor)?.dtype ?? 'unknown';
  for await (const part of sourcePieces(inputs, signal)) yield roundTo(dtype, merge(part), tensor).bytes;
}
