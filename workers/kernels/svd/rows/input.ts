/**
 * A matrix that is to be decomposed: checked (contract.ts says which errors) and brought to where it is
 * computed with.
 */
import { StudioError } from '../../../../core/errors.ts';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import type { View } from '../arithmetic/gemm.ts';

export function checkShape(a: Float32Array, rows: number, cols: number): void {
  const sound =
    Number.isSafeInteger(rows) &&
    Number.isSafeInteger(cols) &&
    rows > 0 &&
    cols > 0 &&
    a.length === rows * cols;
  if (!sound) {
    throw new StudioError(
      'bad-request',
      `A matrix of ${rows} × ${cols} cannot be read from ${a.length} values.`,
      {
        details: { rows, cols, value: a.length },
      },
    );
  }
}

/** Largest |value|; throws on the first one that is not finite. */
export function largestMagnitude(a: Float32Array, cols: number): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size < Infinity)) {
      const row = Math.floor(i / cols);
      const column = i % cols;
      throw new StudioError(
        'bad-file',
        `The matrix holds ${a[i]} at row ${row}, column ${column}; it cannot be decomposed.`,
        {
          details: { row, column, value: String(a[i]) },
        },
      );
    }
    if (size > most) most = size;
  }
  return most;
}

/** A copy of `a` as B [min(rows, cols), max(rows, cols)]: a tall matrix is read by its columns. */
export function shortSideAsRows(on: Arithmetic, a: Float32Array, rows: number, cols: number): View {
  const tall = rows > cols;
  return { data: on.float32Copy(a), offset: 0, rowStride: tall ? 1 : cols, colStride: tall ? cols : 1 };
}
