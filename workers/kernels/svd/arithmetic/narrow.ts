/**
 * From float64 to the float32 that is returned: scaled, rounded once, and measured on the way.
 *
 * Bits: the squares of a row are summed as dot in vector.ts does.
 */
import { dot } from './vector.ts';

/**
 * to[toAt + i · toStride + j] = float32(factors[i] · from[i · fromStride + j]), i < rows, j < cols;
 * squares[i] grows by the sum of the squares of from's row.
 */
export function scaleToFloat32(
  rows: number,
  cols: number,
  from: Float64Array,
  fromStride: number,
  factors: Float64Array,
  to: Float32Array,
  toAt: number,
  toStride: number,
  squares: Float64Array,
): void {
  for (let i = 0; i < rows; i++) {
    const row = i * fromStride;
    squares[i]! += dot(cols, from, row, from, row);
    const factor = factors[i]!;
    for (let j = 0; j < cols; j++) to[toAt + i * toStride + j] = factor * from[row + j]!;
  }
}
