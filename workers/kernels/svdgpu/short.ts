/**
 * A matrix seen as B [r, n] with its short side as rows: what is known of it before any of it is on the
 * device, and panels of its columns to put there. Scaling is by powers of two everywhere, so it costs no
 * accuracy.
 */
import { powerOfTwoBelow } from '../svd/rows/scale.ts';

export interface ShortRows {
  readonly rows: number;
  readonly cols: number;
  readonly tall: boolean;
  readonly r: number;
  readonly n: number;
  /** Brings the largest entry into (½, 1]. */
  readonly scale: number;
  /** Of scale · B: ‖B‖_F², lengths of rows [r] and of columns [n]. NaN or infinite where an entry is. */
  readonly norm2: number;
  readonly rowLengths: Float64Array;
  readonly columnLengths: Float64Array;
}

export function measureShort(a: Float32Array, rows: number, cols: number): ShortRows {
  const tall = rows > cols;
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(cols);
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      const value = a[i * cols + j]!;
      const square = value * value;
      sum += square;
      byColumn[j]! += square;
      if (Math.abs(value) > largest) largest = Math.abs(value);
    }
    byRow[i] = sum;
  }
  const scale = largest < Infinity ? powerOfTwoBelow(1 / largest) : 1; // NaN is never the largest, but is in the sums
  const norm2 = byRow.reduce((sum, value) => sum + value, 0) * scale * scale;
  const lengths = (squares: Float64Array): Float64Array => squares.map((square) => scale * Math.sqrt(square));
  return {
    rows,
    cols,
    tall,
    r: Math.min(rows, cols),
    n: Math.max(rows, cols),
    scale,
    norm2,
    rowLengths: lengths(tall ? byColumn : byRow),
    columnLengths: lengths(tall ? byRow : byColumn),
  };
}

/** Columns [from, to) of scale · B, row-major [r, to − from]. */
export function panelOf(
  a: Float32Array,
  { cols, tall, r, scale }: ShortRows,
  from: number,
  to: number,
): Float32Array {
  const width = to - from;
  const panel = new Float32Array(r * width);
  if (tall) {
    for (let j = 0; j < width; j++)
      for (let i = 0; i < r; i++) panel[i * width + j] = scale * a[(from + j) * cols + i]!;
  } else {
    for (let i = 0; i < r; i++)
      for (let j = 0; j < width; j++) panel[i * width + j] = scale * a[i * cols + from + j]!;
  }
  return panel;
}

/** What is shorter beside an entry of 1 is lost in any case, and its inverse must be a float32. */
const mostScale = 2 ** 60;

/** For each length the power of two that brings it into (½, 1]; 1 for 0. */
export function unitScales(lengths: Float64Array): Float64Array {
  return lengths.map((length) => (length > 0 ? Math.min(mostScale, powerOfTwoBelow(1 / length)) : 1));
}
