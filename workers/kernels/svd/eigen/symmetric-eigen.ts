/**
 * Eigenvalues and eigenvectors of a dense symmetric matrix, for pipelines that make the Gram matrix elsewhere
 * (on a GPU) and leave the eigenproblem to this kernel. thinSvd does not pass through here: it stays inside
 * one scope of memory.
 *
 *     G = Xᵀ diag(values) X,   G [r, r] symmetric,  X [r, r] orthogonal, eigenvectors as rows
 *
 * Accuracy: exact for a matrix within a modest multiple of 2⁻⁵³ ‖G‖ of the given one; X Xᵀ within about 1e-14
 * of I (eigen.ts). Whatever G was computed in, that is its own error: from a float32 Gram matrix of a nearly
 * square matrix neither the small values nor their vectors can be had, however exactly they are found here.
 *
 * Determinism: as in contract.ts. Eigenvectors have no fixed sign.
 */
import { StudioError } from '../../../../core/errors.ts';
import { symmetricEigenOn } from './eigen.ts';
import { checkEigenMemory, eigenMemoryError, eigenWorkingBytes } from '../memory.ts';
import { plain } from '../arithmetic/plain.ts';
import { powerOfTwoBelow } from '../rows/scale.ts';
import { openSimd } from '../arithmetic/simd.ts';

export interface SymmetricEigen {
  /** [r], ascending. */
  readonly values: Float64Array<ArrayBuffer>;
  /** [r, r] row-major: row i is the eigenvector of values[i]. */
  readonly vectors: Float64Array<ArrayBuffer>;
}

/**
 * `g` [r, r] row-major, of which only the lower triangle is read. Throws StudioError: bad-request for a
 * length that is not r², bad-file for a value that is not finite (details: row, column, value), memory when
 * eigenWorkingBytes(r) cannot be had.
 */
export function symmetricEigen(g: Float64Array, r: number): SymmetricEigen {
  if (!(Number.isSafeInteger(r) && r > 0 && g.length === r * r)) {
    throw new StudioError(
      'bad-request',
      `A symmetric matrix of order ${r} cannot be read from ${g.length} values.`,
      { details: { rows: r, value: g.length } },
    );
  }
  checkEigenMemory(r);
  try {
    const on = openSimd(eigenWorkingBytes(r)) ?? plain;
    return on.scope(() => {
      const scale = powerOfTwoBelow(1 / largestInLowerTriangle(g, r));
      const scaled = on.float64(r * r);
      for (let i = 0; i < r; i++) for (let j = i * r; j <= i * r + i; j++) scaled[j] = scale * g[j]!;
      const vectors = on.float64(r * r);
      const values = symmetricEigenOn(on, scaled, r, vectors);
      return {
        values: Float64Array.from(values, (value) => value / scale),
        vectors: Float64Array.from(vectors),
      };
    });
  } catch (thrown) {
    if (thrown instanceof RangeError) throw eigenMemoryError(r, thrown);
    throw thrown;
  }
}

function largestInLowerTriangle(g: Float64Array, r: number): number {
  let most = 0;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) {
      const size = Math.abs(g[i * r + j]!);
      if (!(size < Infinity)) {
        const value = String(g[i * r + j]);
        throw new StudioError(
          'bad-file',
          `The symmetric matrix holds ${value} at row ${i}, column ${j}; it has no eigenvalues.`,
          { details: { row: i, column: j, value } },
        );
      }
      if (size > most) most = size;
    }
  }
  return most;
}
