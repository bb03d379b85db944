/**
 * The part of a base's matrix W [m, n] that an adapter of rank r took into its factors before training, as
 * factors b [m, r] and a [r, n] in float32 with P = b·a:
 *
 * - PiSSA (Meng et al., 2024, eq. 2–3; peft's pissa_init): P = U_r S_r V_rᵀ, whatever the scale s of the adapter.
 * - OLoRA (Büyükakyüz, 2024, alg. 1; peft's olora_init): P = s·Q_r·R_r of W = Q R. Q_r R_r is the projection of W
 *   onto the first r columns of W, so signs of Q and R do not matter.
 *
 * Both are held to peft in zoo/reference/adapter. Throws `unsupported` where P is not determined by W: equal
 * singular values on both sides of the cut, or dependent columns.
 */
import { StudioError } from '../../../core/errors.ts';
import type { TakeOut } from '../../io/checkpoints/adapter.ts';
import { thinSvd } from './svd.ts';

/**
 * Singular values nearer to one another than this share of the largest: float32 mixes their vectors by a
 * tenth and more (its rounding, 6e-8, over the distance), in peft as here.
 */
const sameValue = 1e-6;
/** What is left of a column beside those before it, as a share of it, where it is not known to be independent. */
const dependent = 1e-5;

export const takeOut: TakeOut = (kind, matrix, { tensor, rows, columns }, rank, scale) => {
  const refuse = (why: string): never => {
    throw new StudioError(
      'unsupported',
      `What the adapter took out of ${tensor} before training cannot be computed: ${why}. Convert the adapter to plain LoRA with peft where it was trained (save_pretrained with path_initial_model_for_weight_conversion), or merge it there.`,
      { details: { tensor, value: rank } },
    );
  };
  if (rank > Math.min(rows, columns))
    return refuse(`rank ${rank} is more than a ${rows} × ${columns} matrix can have`);
  return kind === 'pissa'
    ? strongest(matrix, rows, columns, rank, refuse)
    : firstColumns(matrix, rows, columns, rank, scale, refuse);
};

type Part = ReturnType<TakeOut>;

function strongest(
  matrix: Float32Array,
  rows: number,
  columns: number,
  rank: number,
  refuse: (why: string) => never,
): Part {
  const { u, s, vt } = thinSvd(matrix, rows, columns);
  const [first = 0, last = 0, next = 0] = [s[0], s[rank - 1], s[rank]];
  if (rank < s.length && last - next <= sameValue * first && last > 0)
    return refuse(`its singular values ${rank} and ${rank + 1} are equal (${last})`);
  const b = new Float32Array(rows * rank);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < rank; k++) b[row * rank + k] = (u[row * s.length + k] as number) * (s[k] as number);
  return { b, a: vt.slice(0, rank * columns) };
}

/** Gram–Schmidt, twice, in float64 (Giraud et al., 2005: twice is enough). */
function firstColumns(
  matrix: Float32Array,
  rows: number,
  columns: number,
  rank: number,
  scale: number,
  refuse: (why: string) => never,
): Part {
  const q: Float64Array[] = [];
  for (let k = 0; k < rank; k++) {
    const column = Float64Array.from({ length: rows }, (_, row) => matrix[row * columns + k] as number);
    const before = norm(column);
    for (let pass = 0; pass < 2; pass++) for (const other of q) subtract(column, other, dot(column, other));
    const left = norm(column);
    if (!(left > dependent * before)) return refuse(`its first ${rank} columns depend on one another`);
    for (let row = 0; row < rows; row++) column[row] = (column[row] as number) / left;
    q.push(column);
  }
  const b = new Float32Array(rows * rank);
  const a = new Float32Array(rank * columns);
  const sums = new Float64Array(columns);
  for (const [k, direction] of q.entries()) {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      const share = scale * (direction[row] as number);
      b[row * rank + k] = direction[row] as number;
      for (let column = 0; column < columns; column++)
        sums[column] = (sums[column] as number) + share * (matrix[row * columns + column] as number);
    }
    a.set(sums, k * columns);
  }
  return { b, a };
}

const dot = (x: Float64Array, y: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
};
const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));
const subtract = (x: Float64Array, y: Float64Array, share: number): void => {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) - share * (y[i] as number);
};
