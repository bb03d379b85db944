/**
 * The rows of W = X B (orthogonal.ts) that are too weak for one pass: below WEAK of the strongest, where an
 * eigenvector of B Bᵀ is no longer right to float32.
 *
 * Their Gram matrix is taken again, from W and so without the strong directions beside them, which gives the
 * next three digits; and so on until the weakest row is reached or found to be zero.
 *
 * What remains: w_i carries the rounding of X, tens of ε σ₁. The part of it along stronger rows, which would
 * spoil orthogonality, is projected out before each pass; the rest leaves an error of that size in σ_i, which
 * in the tests is below float32's own rounding (6e-8 of σ_i) for every σ_i above 2e-9 · σ₁.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { symmetricEigenOn } from '../eigen/eigen.ts';
import { rowsOf, type View } from '../arithmetic/gemm.ts';
import { gram } from './gram.ts';
import { powerOfTwoBelow } from './scale.ts';
import { STRIP } from './strip.ts';

const WEAK = 2 ** -10;

interface Rows {
  readonly x: Float64Array;
  readonly v: Float32Array;
  readonly norms: Float64Array;
}

/**
 * How many of the first `count` eigenvalues (squares of norms, ascending) belong to weak rows; all, if there
 * is nothing but zeros.
 */
export function countWeak(values: Float64Array, count: number): number {
  const strongest = values[count - 1]!;
  let weak = 0;
  while (weak < count && !(values[weak]! > 0 && values[weak]! >= WEAK * WEAK * strongest)) weak++;
  return weak;
}

/**
 * Rows [0, weak) of X, V and norms, given those of X as the first pass found them and the others finished.
 * Rows of W not longer than `limit` are left as they are, with their norms: rounding.
 */
export function finishWeakRows(
  on: Arithmetic,
  b: View,
  weak: number,
  r: number,
  n: number,
  scale: number,
  limit: number,
  { x, v, norms }: Rows,
): void {
  const w = on.float64(weak * n);
  on.gemm(weak, n, r, rowsOf(x, r), b, { data: w, offset: 0, rowStride: n }, { alpha: scale });
  let rest = weak;
  while (rest > 0) {
    on.scope(() => removeStrong(on, w, v, rest, r, n));
    if (!(measureRows(on, w, rest, n, norms) > limit)) break;
    rest = on.scope(() => turn(on, x, w, rest, r, n, norms));
    measureRows(on, w, weak, n, norms);
    for (let i = rest; i < weak; i++) for (let j = i * n; j < (i + 1) * n; j++) v[j] = w[j]! / norms[i]!;
    weak = rest;
  }
}

/**
 * Makes rows [0, count) of W orthogonal among themselves, by the same turn of those rows of X. Returns how
 * many are still too weak.
 */
function turn(
  on: Arithmetic,
  x: Float64Array,
  w: Float64Array,
  count: number,
  r: number,
  n: number,
  norms: Float64Array,
): number {
  const scale = powerOfTwoBelow(1 / norms.subarray(0, count).reduce((most, norm) => Math.max(most, norm), 0));
  const y = on.float64(count * count);
  const values = on.scope(() =>
    Float64Array.from(symmetricEigenOn(on, gram(on, rowsOf(w, n), count, n, scale * scale), count, y)),
  );
  turnRows(on, y, count, w, n);
  turnRows(on, y, count, x, r);
  return countWeak(values, count);
}

/** The first `count` rows of `rows` [·, size] ← Y · those rows, a strip at a time. */
function turnRows(on: Arithmetic, y: Float64Array, count: number, rows: Float64Array, size: number): void {
  on.scope(() => {
    const strip = on.float64(count * STRIP);
    for (let j = 0; j < size; j += STRIP) {
      const width = Math.min(STRIP, size - j);
      for (let i = 0; i < count; i++) strip.set(rows.subarray(i * size + j, i * size + j + width), i * STRIP);
      on.gemm(count, width, count, rowsOf(y, count), rowsOf(strip, STRIP), {
        data: rows,
        offset: j,
        rowStride: size,
      });
    }
  });
}

/**
 * Takes out of rows [0, weak) of W what they have in common with the rows of V after them: the rounding of X,
 * about ε σ₁ along each strong direction. The matching change of X would be about ε, below its own rounding,
 * so X stays.
 */
function removeStrong(
  on: Arithmetic,
  w: Float64Array,
  v: Float32Array,
  weak: number,
  r: number,
  n: number,
): void {
  const strong = r - weak;
  if (strong === 0) return;
  const strongRows: View = { data: v, offset: weak * n, rowStride: n, colStride: 1 };
  const strongColumns: View = { ...strongRows, rowStride: 1, colStride: n };
  const common = on.float64(weak * strong);
  on.gemm(weak, strong, n, rowsOf(w, n), strongColumns, { data: common, offset: 0, rowStride: strong });
  on.gemm(
    weak,
    n,
    strong,
    rowsOf(common, strong),
    strongRows,
    { data: w, offset: 0, rowStride: n },
    { alpha: -1, accumulate: true },
  );
}

/** Returns the largest. */
function measureRows(on: Arithmetic, w: Float64Array, count: number, n: number, norms: Float64Array): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    norms[i] = Math.sqrt(on.dot(n, w, i * n, w, i * n));
    if (norms[i]! > most) most = norms[i]!;
  }
  return most;
}
