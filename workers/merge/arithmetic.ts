/**
 * Task arithmetic anchored at the VLM, W_v + λ (W_lrm − W_base), element by element on the CPU: a stream of
 * pieces, for checkpoints that no memory holds. All differences and sums in float32, each operation rounded
 * once; the result to nearest even in the VLM's element type. Source: Ilharco et al., "Editing models with
 * task arithmetic" (ICLR 2023), with the VLM in the place of the base.
 */
import { StudioError } from '../../core/errors.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype, type Dtype } from '../../core/safetensors/dtype.ts';
import type { Checkpoint } from '../io/contract.ts';
import { blendBfloat16 } from '../kernels/blend/blend.ts';
import { roundTo } from './round.ts';

/**
 * Elements at a time: the float32 copies of a piece stay in a processor's cache and a few of them in memory.
 */
export const pieceElements = 2 ** 20;

export interface ArithmeticInputs {
  readonly vlm: { readonly checkpoint: Checkpoint; readonly tensor: string };
  readonly lrm: { readonly checkpoint: Checkpoint; readonly tensor: string };
  readonly base: { readonly checkpoint: Checkpoint; readonly tensor: string };
}

/** The merged tensor's stored bytes, in order. Shapes are equal (paired before); element types may differ. */
export async function* taskArithmetic(
  inputs: ArithmeticInputs,
  lambda: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const name = inputs.vlm.tensor;
  const count = tensorSize(inputs);
  for (let at = 0; at < count; at += pieceElements) {
    const end = Math.min(count, at + pieceElements);
    const [own, reasoning, origin] = await Promise.all([
      piece(inputs.vlm, at, end, signal),
      piece(inputs.lrm, at, end, signal),
      piece(inputs.base, at, end, signal),
    ]);
    yield addScaledDifference(own, reasoning, origin, lambda, name);
  }
}

/** Elements of the tensor to be merged. */
export function tensorSize({ vlm: { checkpoint, tensor } }: ArithmeticInputs): number {
  const entry = checkpoint.tensors.get(tensor);
  if (!entry)
    throw new StudioError('missing', `${checkpoint.label} has no tensor ${tensor}.`, { details: { tensor } });
  return entry.shape.reduce((product, size) => product * size, 1);
}

export interface StoredPiece {
  readonly dtype: Dtype;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** own + λ (reasoning − origin), stored as `own` is. Throws `unsupported` where that is not finite. */
export function addScaledDifference(
  own: StoredPiece,
  reasoning: StoredPiece,
  origin: StoredPiece,
  lambda: number,
  tensor: string,
): Uint8Array<ArrayBuffer> {
  if (own.dtype === 'BF16' && reasoning.dtype === 'BF16' && origin.dtype === 'BF16') {
    const merged = blendBfloat16(halves(own), halves(reasoning), halves(origin), lambda);
    if (merged) return new Uint8Array(merged.buffer);
    // Not finite somewhere: the slow way names the value.
  }
  const [w, a, b] = [own, reasoning, origin].map(({ dtype, bytes }) => decodeFloat32(dtype, bytes)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const merged = new Float32Array(w.length);
  const scale = Math.fround(lambda);
  for (let i = 0; i < merged.length; i++)
    merged[i] = combine(w[i] as number, a[i] as number, b[i] as number, scale);
  return roundTo(own.dtype, merged, tensor).bytes;
}

const combine = (own: number, reasoning: number, origin: number, scale: number): number =>
  Math.fround(own + Math.fround(scale * Math.fround(reasoning - origin)));

/** Elements [begin, end) as stored. Throws `unsupported` for what are no floats. */
export async function piece(
  { checkpoint, tensor }: ArithmeticInputs['vlm'],
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

function halves({ bytes }: StoredPiece): Uint16Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(buffer, byteOffset, length / 2);
}
