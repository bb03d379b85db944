/**
 * A merge element by element on the CPU, one tensor at a time: a stream of pieces, for checkpoints that no memory
 * holds. The methods compute in float32 (`core/merging/methods/`); what they give is rounded to nearest even in
 * the VLM's element type. What the page measures and what any export writes both come from here.
 */
import type { MethodValues, StreamMethod } from '../../core/merging/method.ts';
import type { MethodId } from '../../core/merging/methods.ts';
import { blendBfloat16 } from '../kernels/blend/blend.ts';
import { roundTo } from './round.ts';
import {
  columnsOf,
  entryOf,
  finitePiece,
  storedPieces,
  tensorSource,
  type StoredPiece,
  type StoredPieces,
  type StreamInputs,
} from './sources.ts';

/**
 * The merged tensor's stored bytes, in order.
 * @param settings all of the method's (`completeSettings`)
 */
export async function* mergeStream(
  method: StreamMethod,
  settings: MethodValues,
  inputs: StreamInputs,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { dtype } = entryOf(inputs.vlm);
  const rounded = (merged: Float32Array<ArrayBuffer>) => roundTo(dtype, merged, inputs.vlm.tensor).bytes;
  const quick = (quickPieces as Readonly<Record<string, QuickPiece>>)[method.id];
  if (!quick) {
    for await (const merged of method.stream.merge(tensorSource(inputs, signal), settings))
      yield rounded(merged);
    return;
  }
  for await (const piece of storedPieces(inputs, signal)) {
    const bytes = quick(piece, settings);
    if (bytes) yield bytes;
    else
      for await (const merged of method.stream.merge(onePiece(inputs, piece, signal), settings))
        yield rounded(merged);
  }
}

/** The whole tensor's stored bytes. */
export async function mergeTensor(
  method: StreamMethod,
  settings: MethodValues,
  inputs: StreamInputs,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(entryOf(inputs.vlm).sizeBytes);
  let at = 0;
  for await (const bytes of mergeStream(method, settings, inputs, signal)) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** The same bytes sooner, for a method that looks at one element at a time; null where it cannot. */
type QuickPiece = (piece: StoredPieces, settings: MethodValues) => Uint8Array<ArrayBuffer> | null;

const quickPieces: { readonly [K in MethodId]?: QuickPiece } = {
  'task-arithmetic'({ vlm, lrm, base }, { lambda = 1, gate = 1 }) {
    if (vlm.dtype !== 'BF16' || lrm.dtype !== 'BF16' || base.dtype !== 'BF16') return null;
    // Null where something is not finite: the slow way names the value.
    const merged = blendBfloat16(halves(vlm), halves(lrm), halves(base), lambda * gate);
    return merged && new Uint8Array(merged.buffer);
  },
};

const onePiece = (inputs: StreamInputs, piece: StoredPieces, signal: AbortSignal | undefined) => ({
  name: inputs.vlm.tensor,
  columns: columnsOf(entryOf(inputs.vlm)),
  async *pieces() {
    yield await finitePiece(inputs, piece, signal);
  },
});

function halves({ bytes }: StoredPiece): Uint16Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(buffer, byteOffset, length / 2);
}
