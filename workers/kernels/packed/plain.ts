/**
 * The operations of contract.ts as plain float64 loops over a checkpoint's 16-bit codes: slow, and what the
 * device is held against.
 */
import type { PackedFormat } from './contract.ts';

/** The number that a code stands for. */
function plainNumber(code: number, format: PackedFormat): number {
  const [exponentBits, fractionBits] = format === 'bfloat16' ? [8, 7] : [5, 10];
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (code & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** `codes` [rows · columns], row-major → float64. */
export function plainNumbers(codes: Uint16Array, format: PackedFormat): Float64Array {
  return Float64Array.from(codes, (code) => plainNumber(code, format));
}

/** x [R, columns] · Wᵀ → [R, rows] */
export function plainProduct(x: Float64Array, w: Float64Array, rows: number, columns: number): Float64Array {
  const y = new Float64Array((x.length / columns) * rows);
  for (let i = 0; i < y.length; i++) {
    const [row, out] = [Math.floor(i / rows), i % rows];
    for (let k = 0; k < columns; k++) y[i]! += x[row * columns + k]! * w[out * columns + k]!;
  }
  return y;
}

/** dy [R, rows] · W → [R, columns] */
export function plainProductBack(
  dy: Float64Array,
  w: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const dx = new Float64Array((dy.length / rows) * columns);
  for (let i = 0; i < dx.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    for (let k = 0; k < rows; k++) dx[i]! += dy[row * rows + k]! * w[k * columns + column]!;
  }
  return dx;
}
