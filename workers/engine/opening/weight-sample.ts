/** Small samples of weights, read from the middle of tensors. */
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype } from '../../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import type { Checkpoint } from '../../io/contract.ts';

type FloatDtype = 'F64' | 'F32' | 'F16' | 'BF16';
/** The finest first. */
const byFineness: readonly FloatDtype[] = ['F64', 'F32', 'F16', 'BF16'];

/** Numbers of one tensor: 16 kB in bfloat16. */
const sampledElements = 8192;

/**
 * `elements` numbers from the middle of a tensor, all where it has fewer; none where it holds no floats.
 * @param place from 0, the beginning, to 1, the end
 */
export async function sampleOf(
  checkpoint: Checkpoint,
  name: string,
  signal: AbortSignal,
  elements = sampledElements,
  place = 0.5,
): Promise<Float32Array<ArrayBuffer>> {
  const entry = checkpoint.tensors.get(name);
  if (!entry || !isFloatDtype(entry.dtype)) return new Float32Array(0);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const wanted = Math.min(count, elements);
  const begin = Math.floor((count - wanted) * place);
  const size = dtypeBytes[entry.dtype];
  return decodeFloat32(
    entry.dtype,
    await checkpoint.readRange(name, begin * size, (begin + wanted) * size, signal),
  );
}

/**
 * The same numbers of an adapter's difference s·B·A, without making the whole product; null where the tensor is
 * not adapted.
 */
export async function adaptedSample(
  checkpoint: Checkpoint,
  name: string,
  signal: AbortSignal,
): Promise<Float32Array<ArrayBuffer> | null> {
  const low = await checkpoint.lowRank?.(name, signal);
  if (!low) return null;
  const { a, b, rank, scale } = low;
  const columns = a.length / rank;
  const count = (b.length / rank) * columns;
  const wanted = Math.min(count, sampledElements);
  const begin = Math.floor((count - wanted) / 2);
  return Float32Array.from({ length: wanted }, (_, i) => {
    const [row, column] = [Math.floor((begin + i) / columns), (begin + i) % columns];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += (b[row * rank + k] as number) * (a[k * columns + column] as number);
    return scale * sum;
  });
}

/** The coarsest of the element types of these tensors. */
export function coarsest(tensors: readonly (readonly [Checkpoint, string])[]): FloatDtype {
  const places = tensors.map(([checkpoint, name]) =>
    byFineness.indexOf((checkpoint.tensors.get(name)?.dtype ?? 'F64') as FloatDtype),
  );
  return byFineness[Math.max(0, ...places)] ?? 'F64';
}

/** The values as that element type would hold them. */
export const asStored = (dtype: FloatDtype, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> =>
  decodeFloat32(dtype, encodeFloat32(dtype, values));

/** Whether both are equal once one of them is rounded to a type of 16 bits, whatever type they are stored in. */
export function equalButRounded(a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>): boolean {
  const equal = (x: Float32Array, y: Float32Array): boolean => x.every((value, i) => value === y[i]);
  return (
    equal(a, b) ||
    (['BF16', 'F16'] as const).some((dtype) => equal(a, asStored(dtype, b)) || equal(b, asStored(dtype, a)))
  );
}

/** Pearson's r, in float64. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const n = Math.min(a.length, b.length);
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i] as number;
    sumB += b[i] as number;
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [together, ownA, ownB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB];
    together += x * y;
    ownA += x * x;
    ownB += y * y;
  }
  return together / Math.sqrt(ownA * ownB);
}

/** The value in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/**
 * At most `count` of them, one from each of `count` equal stretches from the first to the last, so that all depths
 * are among them. The place within its stretch moves on, so that several kinds of layer are.
 */
export function spread<T>(slots: readonly T[], count: number): readonly T[] {
  if (slots.length <= count) return slots;
  const places = Math.min(7, Math.floor(slots.length / count));
  return Array.from(
    { length: count },
    (_, i) => slots[Math.floor((i * slots.length) / count) + (i % places)] as T,
  );
}
