/**
 * Blocked Householder tridiagonalisation of a symmetric matrix: A = H₀H₁⋯ T (H₀H₁⋯)ᵀ, T symmetric
 * tridiagonal.
 *
 * Half of the work is symmetric matrix × vector products (they wait for memory), half is rank-2·BLOCK updates
 * (they run at the speed of gemm).
 *
 * Source: J. Dongarra, D. Sorensen, S. Hammarling, "Block reduction of matrices to condensed forms for
 * eigenvalue computations", J. Comput. Appl. Math. 27, 1989; LAPACK dsytrd/dlatrd/dlarfg, lower triangle.
 * Householder vectors are kept as rows, so that every inner loop is contiguous. dlarfg's rescaling loop is
 * left out: the caller scales A to about 1.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { NEGLIGIBLE } from '../arithmetic/vector.ts';

const REFLECTOR_BLOCK = 32;

export interface Tridiagonal {
  /** [n] */
  readonly diagonal: Float64Array;
  /** [n]; the last entry is 0 and unused. */
  readonly offDiagonal: Float64Array;
  readonly reflectors: Reflectors;
}

/** H_i = I − τ_i v_i v_iᵀ, i < count, with v_i zero before index i + shift and 1 at it. */
export interface Reflectors {
  readonly count: number;
  readonly shift: number;
  /** Length of a vector. */
  readonly size: number;
  /** [count, size] row-major. */
  readonly vectors: Float64Array;
  readonly tau: Float64Array;
}

/** `a` [n, n], lower triangle; destroyed. */
export function tridiagonalise(on: Arithmetic, a: Float64Array, n: number): Tridiagonal {
  const diagonal = on.float64(n);
  const offDiagonal = on.float64(n);
  const tau = new Float64Array(n);
  const vectors = on.float64(n * n);
  const column = on.float64(n);
  const weights = on.float64(2 * REFLECTOR_BLOCK);
  // The pending update of the trailing matrix is A ← A − V Wᵀ − W Vᵀ. Rows: V, W and V again, so that one
  // product of inner length 2·BLOCK of [V; W]ᵀ with [W; V] applies both halves.
  const pending = on.float64(3 * REFLECTOR_BLOCK * n);
  const vStart = 0;
  const wStart = REFLECTOR_BLOCK * n;
  const vAgain = 2 * REFLECTOR_BLOCK * n;

  for (let first = 0; first < n; first += REFLECTOR_BLOCK) {
    const width = Math.min(REFLECTOR_BLOCK, n - first);
    pending.fill(0);
    for (let q = 0; q < width; q++) {
      const j = first + q;
      // Column j with the updates of this block, which have not reached A yet.
      for (let i = j; i < n; i++) column[i] = a[i * n + j]!;
      for (let p = 0; p < q; p++) {
        weights[p] = -pending[wStart + p * n + j]!;
        weights[REFLECTOR_BLOCK + p] = -pending[vStart + p * n + j]!;
      }
      on.addRows(q, n - j, weights, 0, pending, vStart + j, n, column, j);
      on.addRows(q, n - j, weights, REFLECTOR_BLOCK, pending, wStart + j, n, column, j);
      diagonal[j] = column[j]!;
      if (j === n - 1) break;

      const v = vStart + q * n + j + 1;
      pending.set(column.subarray(j + 1), v);
      const { beta, tau: t } = makeReflector(on, n - j - 1, pending, v);
      offDiagonal[j] = beta;
      tau[j] = t;
      vectors.set(pending.subarray(v, v + n - j - 1), j * n + j + 1);
      if (t === 0) continue;

      // w = τ (A v) − ½ τ² (vᵀ A v) v, with A as updated by this block.
      const m = n - j - 1;
      const w = wStart + q * n + j + 1;
      on.symmetricTimesVector(m, a, (j + 1) * n + j + 1, n, pending, v, w);
      on.rowsTimesVector(q, m, pending, wStart + j + 1, n, pending, v, weights, 0);
      on.rowsTimesVector(q, m, pending, vStart + j + 1, n, pending, v, weights, REFLECTOR_BLOCK);
      for (let p = 0; p < 2 * REFLECTOR_BLOCK; p++) weights[p] = -weights[p]!;
      on.addRows(q, m, weights, 0, pending, vStart + j + 1, n, pending, w);
      on.addRows(q, m, weights, REFLECTOR_BLOCK, pending, wStart + j + 1, n, pending, w);
      for (let i = 0; i < m; i++) pending[w + i]! *= t;
      on.axpy(m, -0.5 * t * on.dot(m, pending, w, pending, v), pending, v, pending, w);
    }
    const next = first + width;
    const rest = n - next;
    if (rest > 0) {
      pending.copyWithin(vAgain, vStart, wStart);
      on.gemm(
        rest,
        rest,
        2 * REFLECTOR_BLOCK,
        { data: pending, offset: vStart + next, rowStride: 1, colStride: n },
        { data: pending, offset: wStart + next, rowStride: n, colStride: 1 },
        { data: a, offset: next * n + next, rowStride: n },
        { alpha: -1, accumulate: true, lowerOnly: true },
      );
    }
  }
  return {
    diagonal,
    offDiagonal,
    reflectors: { count: Math.max(0, n - 1), shift: 1, size: n, vectors, tau },
  };
}

/**
 * The reflection H = I − τ v vᵀ with H x = β e₁ (LAPACK dlarfg). x is the n numbers at `at`; v, with v₀ = 1,
 * takes its place.
 */
export function makeReflector(
  on: Arithmetic,
  n: number,
  x: Float64Array,
  at: number,
): { readonly beta: number; readonly tau: number } {
  const head = x[at]!;
  const tail2 = on.dot(n - 1, x, at + 1, x, at + 1);
  x[at] = 1;
  if (tail2 <= NEGLIGIBLE * NEGLIGIBLE) {
    x.fill(0, at + 1, at + n);
    return { beta: head, tau: 0 };
  }
  const norm = Math.sqrt(head * head + tail2);
  const beta = head > 0 ? -norm : norm;
  const scale = 1 / (head - beta);
  for (let i = 1; i < n; i++) x[at + i]! *= scale;
  return { beta, tau: (beta - head) / beta };
}
