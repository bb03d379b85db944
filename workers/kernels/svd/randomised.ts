/**
 * The k strongest singular triples of a matrix, quickly and approximately: for a first look at a spectrum
 * while the exact one is still being computed. NEVER to be mixed with exact factors: the last of the k values
 * are low (by 8 to 16 % in noise, where the spectrum is flat), and their vectors are some directions among
 * strong ones, not those of thinSvd. Values that stand out from what follows the k-th are exact to float32.
 *
 * Method: B [r, n], the matrix with its short side as rows, is seen through l = k + OVERSAMPLING random
 * directions. One power iteration (B Bᵀ) B Ω raises the strong directions over the rest, cubing the ratios of
 * the singular values, with an orthonormal basis taken in between so that the weak ones are not rounded away;
 * the small matrix Qᵀ B [l, n] is then decomposed exactly. Four products of 2 r n l operations, where the
 * exact decomposition takes 3 r² n + 5 r³.
 *
 * Source: N. Halko, P.-G. Martinsson, J. Tropp, "Finding structure with randomness", SIAM Review 53(2), 2011,
 * algorithms 4.4 and 5.1. Their Ω is Gaussian; here each entry is a sum of four uniform numbers, which
 * differs from a Gaussian in the fourth moment (2.7 against 3) and needs neither logarithm nor cosine, whose
 * last bits differ between engines: the result depends on the input and the seed alone (and on the
 * arithmetic, as contract.ts says).
 */
import { StudioError } from '../../../core/errors.ts';
import type { Arithmetic } from './arithmetic/arithmetic.ts';
import type { ThinSvd } from './contract.ts';
import { factorsFrom } from './rows/finish.ts';
import { rowsOf, type View } from './arithmetic/gemm.ts';
import { checkShape, largestMagnitude, shortSideAsRows } from './rows/input.ts';
import { checkSketchMemory, sketchMemoryError, sketchWorkingBytes } from './memory.ts';
import { orthogonalRows } from './rows/orthogonal.ts';
import { plain } from './arithmetic/plain.ts';
import { powerOfTwoBelow } from './rows/scale.ts';
import { openSimd } from './arithmetic/simd.ts';
import { thinSvd } from './svd.ts';

const OVERSAMPLING = 8;

/**
 * u [rows, k], s [k] falling, vt [k, cols], otherwise as contract.ts describes them: orthonormal, signs
 * fixed, zero values completed. Where k + OVERSAMPLING is more than half of min(rows, cols), the exact
 * decomposition is as quick, and is what is given. Throws StudioError as thinSvd does, and bad-request for k
 * that is not in 1 … min(rows, cols) or a seed that is not an integer.
 */
export function randomisedTopK(
  a: Float32Array,
  rows: number,
  cols: number,
  k: number,
  seed: number,
): ThinSvd {
  checkShape(a, rows, cols);
  const r = Math.min(rows, cols);
  if (!(Number.isSafeInteger(k) && k >= 1 && k <= r && Number.isSafeInteger(seed))) {
    throw new StudioError(
      'bad-request',
      `A preview of ${k} of ${r} singular values with seed ${seed} is not possible.`,
      { details: { value: k, seed } },
    );
  }
  if (2 * (k + OVERSAMPLING) > r) return truncated(thinSvd(a, rows, cols), rows, cols, k);
  const width = k + OVERSAMPLING;
  checkSketchMemory(rows, cols, width);
  try {
    return randomisedTopKOn(openSimd(sketchWorkingBytes(rows, cols, width)) ?? plain, a, rows, cols, k, seed);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw sketchMemoryError(rows, cols, width, thrown);
    throw thrown;
  }
}

/**
 * The sketch itself, with the arithmetic of the caller's choice. Arguments are right, and k + OVERSAMPLING ≤
 * min(rows, cols).
 */
export function randomisedTopKOn(
  on: Arithmetic,
  a: Float32Array,
  rows: number,
  cols: number,
  k: number,
  seed: number,
): ThinSvd {
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const l = k + OVERSAMPLING;
  const scale = powerOfTwoBelow(1 / largestMagnitude(a, cols));
  return on.scope(() => {
    const b = shortSideAsRows(on, a, rows, cols);
    const bTurned: View = { ...b, rowStride: b.colStride, colStride: b.rowStride };
    const times = (left: View, inner: number, right: View, width: number, alpha: number): Float64Array => {
      const out = on.float64(l * width);
      on.gemm(l, width, inner, left, right, { data: out, offset: 0, rowStride: width }, { alpha });
      return out;
    };
    // All by rows: each is the transpose of its namesake in the paper.
    const range = times(rowsOf(randomRows(on, l, n, seed), n), n, bTurned, r, scale); // Ωᵀ Bᵀ
    const corange = orthonormalRows(on, times(rowsOf(range, r), r, b, n, 1), l, n);
    const q = orthonormalRows(on, times(corange, n, bTurned, r, scale), l, r);
    const small = times(q, r, b, n, scale); // Qᵀ B
    const { x, v, norms } = orthogonalRows(on, rowsOf(small, n), l, n, 1);
    const short = times({ data: x, offset: 0, rowStride: l, colStride: 1 }, l, q, r, 1);
    return factorsFrom({ x: Float32Array.from(short), v, norms }, k, rows, cols, scale);
  });
}

/** [count, size]: orthonormal rows that span those given; where these are dependent, others beside them. */
function orthonormalRows(on: Arithmetic, given: Float64Array, count: number, size: number): View {
  const { v } = orthogonalRows(on, rowsOf(given, size), count, size, powerOfTwoBelow(1 / largestOf(given)));
  return { data: v, offset: 0, rowStride: size, colStride: 1 };
}

/**
 * [count, size] of sums of four 16-bit numbers, centred, of variance 1. xorshift32 (G. Marsaglia, J. Stat.
 * Softw. 8(14), 2003).
 */
function randomRows(on: Arithmetic, count: number, size: number, seed: number): Float64Array {
  const out = on.float64(count * size);
  const unit = Math.sqrt(3) * 2 ** -16;
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 16) + (state & 0xffff) - 0xffff;
  };
  for (let i = 0; i < out.length; i++) out[i] = unit * (next() + next());
  return out;
}

function truncated({ u, s, vt }: ThinSvd, rows: number, cols: number, k: number): ThinSvd {
  const r = s.length;
  const first = new Float32Array(rows * k);
  for (let i = 0; i < rows; i++) first.set(u.subarray(i * r, i * r + k), i * k);
  return { u: first, s: s.slice(0, k), vt: vt.slice(0, k * cols) };
}

function largestOf(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
