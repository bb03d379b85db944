/**
 * Eigenvalues of diag(d) + ρ z zᵀ one at a time: the roots of the secular equation
 *
 *     f(λ) = 1/ρ + Σ_i z_i² / (d_i − λ) = 0
 *
 * with d ascending and distinct, ρ > 0 and every z_i ≠ 0. Root j lies in (d_j, d_{j+1}), the last one in
 * (d_n, d_n + ρ‖z‖²). f rises from −∞ to +∞ in between, so that a bracket is always at hand.
 *
 * λ is held as pole + t, measured from the nearer end of its interval, and the caller gets d_i − λ without
 * cancellation: those differences, not λ, are what eigenvectors are made of.
 *
 * The reference of wasm/secular.ts: the order of every operation is part of the result's bytes.
 *
 * Source: J. Cuppen, Numer. Math. 36, 1981; R.-C. Li, "Solving secular equations stably and efficiently",
 * LAPACK working note 89, 1994 (the first guess; the "middle way": the poles on either side are fitted
 * separately by a pole and a constant); LAPACK dlaed4.
 */

const EPS = 2 ** -53;
const MAX_STEPS = 120;

/** What poleSums found: the sum and its slope. */
const sums = { value: 0, slope: 0 };

/**
 * Root j of n. `d`, `z2` (= z_i²) [n]. Writes d_i − λ to differences[at + i] and returns λ; NaN if it was not
 * found in MAX_STEPS steps.
 */
export function secularRoot(
  n: number,
  j: number,
  d: Float64Array,
  z2: Float64Array,
  rho: number,
  differences: Float64Array,
  at: number,
): number {
  const last = j === n - 1;
  const split = last ? n : j + 1; // ψ: poles at or left of d_j, all terms negative. φ: poles to the right, all terms positive.
  const inverseRho = 1 / rho;
  let gap: number;
  if (last) {
    let norm2 = 0;
    for (let i = 0; i < n; i++) norm2 += z2[i]!;
    gap = rho * norm2;
  } else {
    gap = d[j + 1]! - d[j]!;
  }

  // The sign of f in the middle says which half holds the root, and so which pole to measure from.
  let pole = d[j]!;
  let t = 0.5 * gap;
  for (let i = 0; i < n; i++) differences[at + i] = d[i]! - pole;
  poleSums(0, split, z2, differences, at, t);
  let psi = sums.value;
  let psiSlope = sums.slope;
  poleSums(split, n, z2, differences, at, t);
  let phi = sums.value;
  let phiSlope = sums.slope;
  let f = inverseRho + psi + phi;
  let low = 0;
  let high = last ? gap : t;
  let next = NaN;
  if (last) {
    if (f < 0) low = t;
    else high = t;
  } else {
    // First guess: the two nearest poles as they are, all else as constant as it is in the middle.
    const left = z2[j]!;
    const right = z2[j + 1]!;
    const c = f - left / (differences[at + j]! - t) - right / (differences[at + j + 1]! - t);
    if (f < 0) {
      pole = d[j + 1]!;
      t = -t;
      low = t;
      high = 0;
      for (let i = 0; i < n; i++) differences[at + i] = d[i]! - pole;
      next = rootBetween(low, high, c, left + right - c * gap, -right * gap);
    } else {
      next = rootBetween(low, high, c, left + right + c * gap, left * gap);
    }
  }

  for (let step = 0; ; step++) {
    // Rounding in f itself, and what one rounding of t moves it: below that a further step is noise.
    if (Math.abs(f) <= 4 * EPS * (inverseRho + 8 * (phi - psi) + Math.abs(t) * (psiSlope + phiSlope))) break;
    if (high - low <= 2 * EPS * Math.max(Math.abs(low), Math.abs(high))) break;
    if (step === MAX_STEPS) return NaN;
    if (last || step > 0) {
      const leftPole = differences[at + j]! - t; // < 0
      if (last) {
        const c = f - leftPole * psiSlope;
        next = c > 0 ? t + leftPole + (leftPole * leftPole * psiSlope) / c : NaN;
      } else {
        const rightPole = differences[at + j + 1]! - t; // > 0
        const c = f - leftPole * psiSlope - rightPole * phiSlope;
        const a = (leftPole + rightPole) * f - leftPole * rightPole * (psiSlope + phiSlope);
        next = t + rootBetween(low - t, high - t, c, a, leftPole * rightPole * f);
      }
    }
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next === t) break;
    t = next;
    poleSums(0, split, z2, differences, at, t);
    psi = sums.value;
    psiSlope = sums.slope;
    poleSums(split, n, z2, differences, at, t);
    phi = sums.value;
    phiSlope = sums.slope;
    f = inverseRho + psi + phi;
    if (f < 0) low = t;
    else high = t;
  }
  for (let i = 0; i < n; i++) differences[at + i]! -= t;
  return pole + t;
}

/** The root of c x² − a x + b in (low, high); NaN where there is none. */
function rootBetween(low: number, high: number, c: number, a: number, b: number): number {
  const discriminant = Math.sqrt(Math.max(0, a * a - 4 * b * c));
  const larger = 0.5 * (a < 0 ? a - discriminant : a + discriminant); // c times the root of larger size: no cancellation
  const smallRoot = b / larger;
  if (smallRoot > low && smallRoot < high) return smallRoot;
  const largeRoot = larger / c;
  return largeRoot > low && largeRoot < high ? largeRoot : NaN;
}

/**
 * Σ w_i / (p_i − t) and Σ w_i / (p_i − t)² to `sums`, from ≤ i < to, p_i = poles[at + i]: a rational function
 * of t with poles p, and its slope. Alternate terms are summed apart, and each divides once: division is what
 * takes the time.
 */
function poleSums(
  from: number,
  to: number,
  weights: Float64Array,
  poles: Float64Array,
  at: number,
  t: number,
): void {
  let evenValue = 0,
    evenSlope = 0;
  let oddValue = 0,
    oddSlope = 0;
  let i = from;
  for (; i + 2 <= to; i += 2) {
    const evenInverse = 1 / (poles[at + i]! - t);
    const evenTerm = weights[i]! * evenInverse;
    evenValue += evenTerm;
    evenSlope += evenTerm * evenInverse;
    const oddInverse = 1 / (poles[at + i + 1]! - t);
    const oddTerm = weights[i + 1]! * oddInverse;
    oddValue += oddTerm;
    oddSlope += oddTerm * oddInverse;
  }
  let value = evenValue + oddValue;
  let slope = evenSlope + oddSlope;
  if (i < to) {
    const inverse = 1 / (poles[at + i]! - t);
    const term = weights[i]! * inverse;
    value += term;
    slope += term * inverse;
  }
  sums.value = value;
  sums.slope = slope;
}
