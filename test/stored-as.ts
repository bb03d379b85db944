/** A checkpoint of the repository as if it were stored in another element type. */
import { decodeFloat32 } from '../core/safetensors/decode.ts';
import { dtypeBytes } from '../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../core/safetensors/encode.ts';
import type { Checkpoint, TensorEntry } from '../workers/io/contract.ts';

type FloatDtype = 'F32' | 'F16' | 'BF16';

/**
 * All tensors in `dtype`, their values first rounded to `values`: a model widened from that type, bit for
 * bit.
 */
export function storedAs(checkpoint: Checkpoint, dtype: FloatDtype, values: FloatDtype = dtype): Checkpoint {
  const readRaw = async (name: string, signal?: AbortSignal) => {
    const rounded = decodeFloat32(values, encodeFloat32(values, await checkpoint.readFloat32(name, signal)));
    return encodeFloat32(dtype, rounded);
  };
  const tensors = new Map(
    [...checkpoint.tensors].map(([name, entry]): [string, TensorEntry] => [
      name,
      { ...entry, dtype, sizeBytes: dtypeBytes[dtype] * entry.shape.reduce((size, side) => size * side, 1) },
    ]),
  );
  return {
    ...checkpoint,
    tensors,
    sizeBytes: [...tensors.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    readRaw,
    readRange: async (name, begin, end, signal) => (await readRaw(name, signal)).slice(begin, end),
    readFloat32: async (name, signal) => decodeFloat32(dtype, await readRaw(name, signal)),
  };
}

/** One tensor `weight` of these bytes. */
export function checkpointOf(
  dtype: FloatDtype,
  shape: readonly number[],
  bytes: Uint8Array<ArrayBuffer>,
): Checkpoint {
  const entry: TensorEntry = {
    name: 'weight',
    dtype,
    shape,
    sizeBytes: bytes.length,
    file: 'model.safetensors',
  };
  return {
    label: 'a checkpoint',
    config: {},
    tensors: new Map([['weight', entry]]),
    metadata: {},
    sizeBytes: bytes.length,
    readRaw: async () => bytes,
    readRange: async (_, begin, end) => bytes.slice(begin, end),
    readFloat32: async () => decodeFloat32(dtype, bytes),
    readText: async () => null,
  };
}
