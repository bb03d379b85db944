/** Arithmetic of products of factors that never, or only once, become whole matrices. */
import type { LowRank } from '../contract.ts';

/** b [rows, r] · a [r, columns], row-major. */
export type Part = Pick<LowRank, 'a' | 'b'>;

/** scale·B·A − b·a by factors of twice the rank: [B, −b/scale] and [A; a]. */
export function without(
  { b, a, rank, scale }: LowRank,
  part: Part,
  [rows = 0, columns = 0]: readonly number[],
): LowRank {
  const left = new Float32Array(2 * rank * rows);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < rank; k++) {
      left[2 * rank * row + k] = b[rank * row + k] as number;
      left[2 * rank * row + rank + k] = -(part.b[rank * row + k] as number) / scale;
    }
  const right = new Float32Array(2 * rank * columns);
  right.set(a);
  right.set(part.a, rank * columns);
  return { b: left, a: right, rank: 2 * rank, scale };
}

/** [rows, columns] row-major → [columns, rows]. */
export function transposed(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = values.length / rows;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column] as number;
  return turned;
}

/** own + s·B·A in place, summed in float64. `own` [m, n], B [m, r], A [r, n]. */
export function addProduct(
  own: Float32Array<ArrayBuffer>,
  { b, a, rank, scale }: LowRank,
): Float32Array<ArrayBuffer> {
  const columns = a.length / rank;
  const rows = b.length / rank;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * (b[row * rank + k] as number);
      const from = k * columns;
      for (let column = 0; column < columns; column++)
        sums[column] = (sums[column] as number) + factor * (a[from + column] as number);
    }
    const at = row * columns;
    for (let column = 0; column < columns; column++)
      own[at + column] = (own[at + column] as number) + (sums[column] as number);
  }
  return own;
}

/**
 * The cosine of the angle between B·A and b·a as vectors of entries, by the factors alone: 1 for the same
 * direction, about 0 for unrelated matrices. Both have `rank`.
 */
export function cosine(one: Part, other: Part, rank: number): number {
  const across = inner(one, other, rank);
  return across / Math.sqrt(inner(one, one, rank) * inner(other, other, rank));
}

/** The sum of the entries of (B·A) ⊙ (b·a), as tr((Bᵀb)(aAᵀ)); float64. */
function inner(one: Part, other: Part, rank: number): number {
  const rows = one.b.length / rank;
  const columns = one.a.length / rank;
  let sum = 0;
  for (let k = 0; k < rank; k++)
    for (let l = 0; l < rank; l++) {
      let [left, right] = [0, 0];
      for (let row = 0; row < rows; row++)
        left += (one.b[row * rank + k] as number) * (other.b[row * rank + l] as number);
      for (let column = 0; column < columns; column++)
        right += (one.a[k * columns + column] as number) * (other.a[l * columns + column] as number);
      sum += left * right;
    }
  return sum;
}
