/**
 * The same task vector in another basis. With the factors τ = U diag(s) Vᵀ and an orthonormal basis Q of the
 * shorter side, whose directions q_i span what τ does there,
 *
 *     rows < columns:   w_i = τᵀ q_i,   τ = Σ ‖w_i‖ · q_i · (w_i / ‖w_i‖)ᵀ
 *     otherwise:        w_i = τ q_i,    τ = Σ ‖w_i‖ · (w_i / ‖w_i‖) · q_iᵀ
 *
 * and s'_i = ‖w_i‖, sorted so that it falls. τ itself is never formed: w_i = Σ_k (q_i · x_k) s_k y_k, x being the
 * factor of the shorter side and y the other.
 *
 * Accuracy that the tests hold it to: ‖τ − U' diag(s') V'ᵀ‖ ≤ 1e-6 ‖τ‖, the side of Q within 1e-6 of orthonormal,
 * every vector within 1e-6 of length 1, Σ s'² within 1e-6 of Σ s². Sums are float64, results float32. A piece that τ
 * has nothing of has s' = 0 and a unit vector.
 *
 * Throws RangeError where memory for it cannot be had.
 *
 * Determinism: equal factors and equal Q give the same bits on all machines of one kernelVersion (../svd/contract.ts).
 */
import { StudioError } from '../../../core/errors.ts';
import { rowsOf, type View } from '../svd/arithmetic/gemm.ts';
import { plain } from '../svd/arithmetic/plain.ts';
import { openSimd } from '../svd/arithmetic/simd.ts';
import type { ThinSvd } from '../svd/contract.ts';

/** For cache keys: changes whenever a byte of a result may change, apart from what kernelVersion says. */
export const rebaseVersion = 'rebase-1';

/** Operations before others may have a turn: about a tenth of a second. */
const atOnce = 5e8;
/** Directions that are taken together, so that the factors are not copied too often. */
const fewest = 8;

export interface Shape {
  readonly rows: number;
  readonly cols: number;
  /** Of the factors. */
  readonly rank: number;
}

/** Whether Q is of the output side (the rows of τ) rather than of the input side. */
export const isOutputSide = ({ rows, cols }: Pick<Shape, 'rows' | 'cols'>): boolean => rows < cols;

export const shorterSide = ({ rows, cols }: Pick<Shape, 'rows' | 'cols'>): number => Math.min(rows, cols);

/** Floating-point operations of one call, for estimates of time. */
export const rebaseFlops = ({ rows, cols, rank }: Shape): number => 2 * rank * rank * (rows + cols);

/**
 * @param factors u [rows, rank], s [rank], vt [rank, cols], float32, orthonormal as ../svd/contract.ts says
 * @param q float64 [rank, shorterSide], one direction after another; orthonormal, and spanning the factor of that side
 * @returns the same shapes, newly allocated
 */
export function* rebaseSteps(factors: ThinSvd, shape: Shape, q: Float64Array): Generator<void, ThinSvd> {
  const { rows, cols, rank } = shape;
  const [short, long] = [shorterSide(shape), Math.max(rows, cols)];
  if (
    factors.u.length !== rows * rank ||
    factors.s.length !== rank ||
    factors.vt.length !== rank * cols ||
    q.length !== rank * short
  )
    throw new StudioError(
      'internal',
      `A basis of ${q.length} numbers does not fit the factors of a ${rows} × ${cols} matrix of rank ${rank}.`,
    );
  const w = new Float64Array(rank * long);
  const strengths = new Float64Array(rank);
  const block = Math.max(fewest, Math.floor(atOnce / (2 * rank * (short + long))));
  for (let from = 0; from < rank; from += block) {
    yield;
    const count = Math.min(block, rank - from);
    w.set(alongDirections(factors, shape, q.subarray(from * short, (from + count) * short)), from * long);
  }
  yield;
  for (let i = 0; i < rank; i++) {
    let sum = 0;
    for (let j = i * long; j < (i + 1) * long; j++) sum += w[j]! * w[j]!;
    strengths[i] = Math.sqrt(sum);
  }
  // In a tie the earlier direction comes first.
  const order = Array.from(strengths.keys()).sort((a, b) => strengths[b]! - strengths[a]! || a - b);
  return inOrder(shape, order, strengths, q, w);
}

/** The same at once. */
export function rebase(factors: ThinSvd, shape: Shape, q: Float64Array): ThinSvd {
  const steps = rebaseSteps(factors, shape, q);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** What τ does along some directions, float64 [count, long]. */
function alongDirections(factors: ThinSvd, shape: Shape, q: Float64Array): Float64Array {
  const { rows, cols, rank } = shape;
  const [short, long] = [shorterSide(shape), Math.max(rows, cols)];
  const count = q.length / short;
  const bytes = 8 * (q.length + 2 * count * rank + count * long) + 4 * rank * (short + long) + 4096;
  // Room is taken anew for each block, so whoever has a turn in between may decompose.
  const on = openSimd(bytes) ?? plain;
  return on.scope(() => {
    const directions = on.float64(q.length);
    directions.set(q);
    const u = on.float32Copy(factors.u);
    const vt = on.float32Copy(factors.vt);
    // [rank, rows] and [rank, cols].
    const ofU: View = { data: u, offset: 0, rowStride: 1, colStride: rank };
    const ofV: View = { data: vt, offset: 0, rowStride: cols, colStride: 1 };
    const [near, far] = isOutputSide(shape) ? [ofU, ofV] : [ofV, ofU];
    const parts = on.float64(count * rank);
    const transposed: View = { ...near, rowStride: near.colStride, colStride: near.rowStride };
    on.gemm(count, rank, short, rowsOf(directions, short), transposed, {
      data: parts,
      offset: 0,
      rowStride: rank,
    });
    for (let i = 0, at = 0; i < count; i++) for (let k = 0; k < rank; k++, at++) parts[at]! *= factors.s[k]!;
    const found = on.float64(count * long);
    on.gemm(count, long, rank, rowsOf(parts, rank), far, { data: found, offset: 0, rowStride: long });
    return found.slice();
  });
}

function inOrder(
  shape: Shape,
  order: readonly number[],
  strengths: Float64Array,
  q: Float64Array,
  w: Float64Array,
): ThinSvd {
  const { rows, cols, rank } = shape;
  const [short, long] = [shorterSide(shape), Math.max(rows, cols)];
  const u = new Float32Array(rows * rank);
  const vt = new Float32Array(rank * cols);
  const s = new Float32Array(rank);
  const toU = (piece: number, from: Float64Array, at: number, scale: number): void => {
    for (let row = 0; row < rows; row++) u[row * rank + piece] = from[at + row]! * scale;
  };
  const toV = (piece: number, from: Float64Array, at: number, scale: number): void => {
    for (let column = 0; column < cols; column++) vt[piece * cols + column] = from[at + column]! * scale;
  };
  const [near, far] = isOutputSide(shape) ? [toU, toV] : [toV, toU];
  order.forEach((from, piece) => {
    const strength = strengths[from]!;
    s[piece] = strength;
    near(piece, q, from * short, 1);
    if (strength > 0) far(piece, w, from * long, 1 / strength);
    else if (isOutputSide(shape)) vt[piece * cols + (piece % cols)] = 1;
    else u[(piece % rows) * rank + piece] = 1;
  });
  return { u, s, vt };
}
