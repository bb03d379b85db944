/**
 * What a decomposition is judged by, in float64 by plain loops: nothing here is shared with the kernel.
 */
import type { ThinSvd } from '../contract.ts';

/** max |M Mᵀ − I| over entries, for the rows of M [count, size]. */
export function rowsFromOrthonormal(m: ArrayLike<number>, count: number, size: number): number {
  const data = Float64Array.from(m);
  let worst = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let q = 0; q < size; q++) sum += data[i * size + q]! * data[j * size + q]!;
      worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
    }
  }
  return worst;
}

/** [rows, cols] → [cols, rows]. */
export function transposed(m: ArrayLike<number>, rows: number, cols: number): Float64Array {
  return Float64Array.from(
    { length: rows * cols },
    (_, at) => m[(at % rows) * cols + Math.floor(at / rows)]!,
  );
}

export interface SvdErrors {
  /** ‖A − U diag(s) Vᵀ‖_F / ‖A‖_F; 0 / 0 counts as 0. */
  readonly reconstruction: number;
  readonly uFromOrthonormal: number;
  readonly vFromOrthonormal: number;
}

export function svdErrors(a: Float32Array, rows: number, cols: number, { u, s, vt }: ThinSvd): SvdErrors {
  const r = Math.min(rows, cols);
  const v = Float64Array.from(vt);
  const line = new Float64Array(cols);
  let error2 = 0;
  let norm2 = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) line[j] = a[i * cols + j]!;
    for (let j = 0; j < cols; j++) norm2 += line[j]! * line[j]!;
    for (let q = 0; q < r; q++) {
      const weight = u[i * r + q]! * s[q]!;
      for (let j = 0; j < cols; j++) line[j]! -= weight * v[q * cols + j]!;
    }
    for (let j = 0; j < cols; j++) error2 += line[j]! * line[j]!;
  }
  return {
    reconstruction: norm2 === 0 ? Math.sqrt(error2) : Math.sqrt(error2 / norm2),
    uFromOrthonormal: rowsFromOrthonormal(transposed(u, rows, r), r, rows),
    vFromOrthonormal: rowsFromOrthonormal(vt, r, cols),
  };
}
