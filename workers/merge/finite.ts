/**
 * Weights that are no finite numbers. No method can make something right of them: one would carry them on, another
 * would count NaN among the largest entries and change everything else.
 */
import { StudioError } from '../../core/errors.ts';
import { roleNames, type Role } from '../../core/family/trio.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype } from '../../core/safetensors/dtype.ts';
import { placeOf } from '../../core/safetensors/not-finite.ts';
import type { TensorOf } from './tensor-of.ts';

/** Elements read at a time. */
const pieceElements = 2 ** 20;

/** Whether every value is finite. 0 times anything that is not finite is NaN. */
export function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] as number);
  return sum === 0;
}

/**
 * Reads the whole tensor of floats and throws `bad-file` where values of it are not finite in float32: how many,
 * and where the first is.
 */
export async function requireFinite(
  role: Role,
  { checkpoint, tensor }: TensorOf,
  signal?: AbortSignal,
): Promise<void> {
  const entry = checkpoint.tensors.get(tensor);
  if (!entry || !isFloatDtype(entry.dtype)) return;
  const size = dtypeBytes[entry.dtype];
  const total = entry.shape.reduce((product, length) => product * length, 1);
  let found: { readonly index: number; readonly value: number } | null = null;
  let count = 0;
  for (let at = 0; at < total; at += pieceElements) {
    const end = Math.min(total, at + pieceElements);
    const bytes = await checkpoint.readRange(tensor, at * size, end * size, signal);
    const values = decodeFloat32(entry.dtype, bytes);
    if (allFinite(values)) continue;
    values.forEach((value, i) => {
      if (Number.isFinite(value)) return;
      found ??= { index: at + i, value };
      count++;
    });
  }
  if (found === null) return;
  const { index, value } = found as { readonly index: number; readonly value: number };
  const place = placeOf(index, entry.shape);
  const many =
    count === 1 ? 'a value that is not a finite number' : `${count} values that are not finite numbers`;
  throw new StudioError(
    'bad-file',
    `The ${roleNames[role]} ${checkpoint.label} has ${many} in ${tensor} (${entry.file}): ${count === 1 ? 'it' : 'the first'} is ${value}, at ${place}. No merge of it can be right. Fetch the file again; if it stays so, the model itself is damaged.`,
    { details: { file: entry.file, tensor, value: `${value} at ${place}`, role } },
  );
}
