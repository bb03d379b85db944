/**
 * Eigenvalues and eigenvectors of a small symmetric tridiagonal matrix by the implicit QL iteration: the
 * leaves of the divide and conquer, where it is both faster and simpler.
 *
 * Source: G. Golub, C. Van Loan, "Matrix Computations", 4th ed., §8.3; EISPACK tql2 / LAPACK dsteqr. Entries
 * are of order one or smaller, so plain square roots of sums of squares cannot overflow.
 */
import { StudioError } from '../../../../core/errors.ts';
import { NEGLIGIBLE, rotate } from '../arithmetic/vector.ts';

const ULP = 2 ** -52;
const MAX_SWEEPS = 60;

/**
 * The n × n problem that starts at index `at` of `diagonal` and `offDiagonal` (destroyed). On return
 * diagonal[at …] ascends and row at + i of `vectors`, columns at … at + n − 1, is the i-th eigenvector. Row
 * stride `stride`; the block is overwritten.
 */
export function solveByQl(
  n: number,
  at: number,
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  vectors: Float64Array,
  stride: number,
): void {
  const d = diagonal.subarray(at, at + n);
  const e = new Float64Array(n);
  e.set(offDiagonal.subarray(at, at + n - 1));
  const rowAt = (i: number): number => (at + i) * stride + at;
  for (let i = 0; i < n; i++) {
    vectors.fill(0, rowAt(i), rowAt(i) + n);
    vectors[rowAt(i) + i] = 1;
  }
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (
        high < n - 1 &&
        Math.abs(e[high]!) > NEGLIGIBLE + ULP * (Math.abs(d[high]!) + Math.abs(d[high + 1]!))
      )
        high++;
      if (high === low) break;
      if (sweep === MAX_SWEEPS)
        throw new StudioError('internal', `The QL iteration did not converge in ${MAX_SWEEPS} sweeps.`);
      // Wilkinson's shift, from the leading 2 × 2 block.
      let g = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      const r = Math.sqrt(g * g + 1);
      g = d[high]! - d[low]! + e[low]! / (g >= 0 ? g + r : g - r);
      let s = 1;
      let c = 1;
      let p = 0;
      let split = false;
      for (let i = high - 1; i >= low; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        const norm = Math.sqrt(f * f + g * g);
        e[i + 1] = norm;
        if (norm === 0) {
          // The chase met an exact zero: the problem has split here.
          d[i + 1]! -= p;
          e[high] = 0;
          split = true;
          break;
        }
        s = f / norm;
        c = g / norm;
        g = d[i + 1]! - p;
        const t = (d[i]! - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        rotate(n, c, s, vectors, rowAt(i + 1), rowAt(i));
      }
      if (split) continue;
      d[low]! -= p;
      e[low] = g;
      e[high] = 0;
    }
  }
  sortRows(n, d, vectors, rowAt);
}

/** Selection sort: n is small and a swap moves a whole row. */
function sortRows(n: number, d: Float64Array, vectors: Float64Array, rowAt: (i: number) => number): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (d[j]! < d[least]!) least = j;
    if (least === i) continue;
    const value = d[i]!;
    d[i] = d[least]!;
    d[least] = value;
    const row = vectors.slice(rowAt(i), rowAt(i) + n);
    vectors.copyWithin(rowAt(i), rowAt(least), rowAt(least) + n);
    vectors.set(row, rowAt(least));
  }
}
