/**
 * Eigenvalues of diag(d) + ρ z zᵀ one at a time: the roots of the secular equation
 *
 *     f(λ) = 1/ρ + Σ_i z_i² / (d_i − λ) = 0
 *
 * with d ascending and distinct, ρ > 0 and every z_i ≠ 0. Root j lies in (d_j, d_{j+1}), the last one in (d_n, d_n + ρ‖z‖²).
 * f rises from −∞ to +∞ in between, so that a bracket is always at hand.
 *
 * λ is held as pole + t, measured from the nearer end of its interval, and the caller gets d_i − λ without cancellation: those
 * differences, not λ, are what eigenvectors are made of.
 *
 * Source: J. Cuppen, Numer. Math. 36, 1981; R.-C. Li, "Solving secular equations stably and efficiently", LAPACK working note 89,
 * 1994 (the "middle way": the poles on either side are fitted separately by a pole and a constant); LAPACK dlaed4.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';

const EPS = 2 ** -53;
const MAX_STEPS = 120;

/**
 * Root j of n. `d`, `z2` (= z_i²) [n]. Writes d_i − λ to differences[at + i] and returns λ. `sums` [2] is scratch.
 */
export function secularRoot(
  on: Arithmetic,
  n: number,
  j: number,
  d: Float64Array,
  z2: Float64Array,
  rho: number,
  differences: Float64Array,
  at: number,
  sums: Float64Array,
): number {
  const last = j === n - 1;
  const inverseRho = 1 / rho;
  let norm2 = 0;
  if (last) for (let i = 0; i < n; i++) norm2 += z2[i]!;
  const gap = last ? rho * norm2 : d[j + 1]! - d[j]!;

  // The sign of f in the middle says which half holds the root, and so which pole to measure from.
  let middle = inverseRho;
  for (let i = 0; i < n; i++) middle += z2[i]! / (d[i]! - d[j]! - 0.5 * gap);
  const fromLeft = last || middle >= 0;
  const pole = fromLeft ? d[j]! : d[j + 1]!;
  let low: number;
  let high: number;
  if (last) {
    low = middle <= 0 ? 0.5 * gap : 0;
    high = middle <= 0 ? gap : 0.5 * gap;
  } else {
    low = fromLeft ? 0 : -0.5 * gap;
    high = fromLeft ? 0.5 * gap : 0;
  }
  for (let i = 0; i < n; i++) differences[at + i] = d[i]! - pole;

  const split = last ? n : j + 1;
  let t = 0.5 * (low + high);
  for (let step = 0; ; step++) {
    if (step === MAX_STEPS) throw new StudioError('internal', `Root ${j} of ${n} of a secular equation did not converge in ${MAX_STEPS} steps.`);
    // ψ: poles at or left of d_j, all terms negative. φ: poles to the right, all terms positive.
    on.poleSums(split, z2, 0, differences, at, t, sums);
    const psi = sums[0]!;
    const psiSlope = sums[1]!;
    on.poleSums(n - split, z2, split, differences, at + split, t, sums);
    const phi = sums[0]!;
    const phiSlope = sums[1]!;
    const f = inverseRho + psi + phi;
    if (f < 0) low = t;
    else high = t;
    // Rounding in f itself, and what one rounding of t moves it: below that a further step is noise.
    if (Math.abs(f) <= 4 * EPS * (inverseRho + 8 * (phi - psi) + Math.abs(t) * (psiSlope + phiSlope))) break;
    if (high - low <= 2 * EPS * Math.max(Math.abs(low), Math.abs(high))) break;

    const leftPole = differences[at + j]! - t; // < 0
    let next: number;
    if (last) {
      const c = f - leftPole * psiSlope;
      next = c > 0 ? t + leftPole + (leftPole * leftPole * psiSlope) / c : NaN;
    } else {
      const rightPole = differences[at + j + 1]! - t; // > 0
      const c = f - leftPole * psiSlope - rightPole * phiSlope;
      const a = (leftPole + rightPole) * f - leftPole * rightPole * (psiSlope + phiSlope);
      const b = leftPole * rightPole * f;
      const root = Math.sqrt(Math.max(0, a * a - 4 * b * c));
      next = t + (a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root));
    }
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next === t) break;
    t = next;
  }
  for (let i = 0; i < n; i++) differences[at + i]! -= t;
  return pole + t;
}
