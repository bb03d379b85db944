/**
 * ../eigen/secular.ts in 128-bit vectors, in AssemblyScript: the same operations in the same order. Pointers are
 * byte addresses of doubles.
 */
import { madd } from './madd';

const EPS: f64 = 1.1102230246251565e-16;
const MAX_STEPS: i32 = 120;

/** What poleSums found: the sum and its slope. */
let sumValue: f64 = 0;
let sumSlope: f64 = 0;

/** Root j of n; `differences` [n] gets d_i − λ. */
export function secularRoot(n: i32, j: i32, d: usize, z2: usize, rho: f64, differences: usize): f64 {
  const last = j === n - 1;
  const split = last ? n : j + 1;
  const inverseRho = 1 / rho;
  const at = (<usize>j) << 3;
  let gap: f64 = 0;
  if (last) {
    let norm2: f64 = 0;
    for (let i = 0; i < n; i++) norm2 += load<f64>(z2 + ((<usize>i) << 3));
    gap = rho * norm2;
  } else {
    gap = load<f64>(d + at, 8) - load<f64>(d + at);
  }

  let pole = load<f64>(d + at);
  let t = 0.5 * gap;
  subtract(n, d, pole, differences);
  poleSums(0, split, z2, differences, t);
  let psi = sumValue;
  let psiSlope = sumSlope;
  poleSums(split, n, z2, differences, t);
  let phi = sumValue;
  let phiSlope = sumSlope;
  let f = inverseRho + psi + phi;
  let low: f64 = 0;
  let high = last ? gap : t;
  let next: f64 = NaN;
  if (last) {
    if (f < 0) low = t;
    else high = t;
  } else {
    const left = load<f64>(z2 + at);
    const right = load<f64>(z2 + at, 8);
    const c = f - left / (load<f64>(differences + at) - t) - right / (load<f64>(differences + at, 8) - t);
    if (f < 0) {
      pole = load<f64>(d + at, 8);
      t = -t;
      low = t;
      high = 0;
      subtract(n, d, pole, differences);
      next = rootBetween(low, high, c, left + right - c * gap, -right * gap);
    } else {
      next = rootBetween(low, high, c, left + right + c * gap, left * gap);
    }
  }

  for (let step = 0; ; step++) {
    if (abs(f) <= 4 * EPS * (inverseRho + 8 * (phi - psi) + abs(t) * (psiSlope + phiSlope))) break;
    if (high - low <= 2 * EPS * max(abs(low), abs(high))) break;
    if (step === MAX_STEPS) return NaN;
    if (last || step > 0) {
      const leftPole = load<f64>(differences + at) - t;
      if (last) {
        const c = f - leftPole * psiSlope;
        next = c > 0 ? t + leftPole + (leftPole * leftPole * psiSlope) / c : NaN;
      } else {
        const rightPole = load<f64>(differences + at, 8) - t;
        const c = f - leftPole * psiSlope - rightPole * phiSlope;
        const a = (leftPole + rightPole) * f - leftPole * rightPole * (psiSlope + phiSlope);
        next = t + rootBetween(low - t, high - t, c, a, leftPole * rightPole * f);
      }
    }
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next === t) break;
    t = next;
    poleSums(0, split, z2, differences, t);
    psi = sumValue;
    psiSlope = sumSlope;
    poleSums(split, n, z2, differences, t);
    phi = sumValue;
    phiSlope = sumSlope;
    f = inverseRho + psi + phi;
    if (f < 0) low = t;
    else high = t;
  }
  subtract(n, differences, t, differences);
  return pole + t;
}

function rootBetween(low: f64, high: f64, c: f64, a: f64, b: f64): f64 {
  const discriminant = sqrt(max<f64>(0, a * a - 4 * b * c));
  const larger = 0.5 * (a < 0 ? a - discriminant : a + discriminant);
  const smallRoot = b / larger;
  if (smallRoot > low && smallRoot < high) return smallRoot;
  const largeRoot = larger / c;
  return largeRoot > low && largeRoot < high ? largeRoot : NaN;
}

/** to_i ← from_i − value, i < n. */
function subtract(n: i32, from: usize, value: f64, to: usize): void {
  const values = f64x2.splat(value);
  let left = n;
  for (; left >= 2; left -= 2) {
    v128.store(to, f64x2.sub(v128.load(from), values));
    from += 16;
    to += 16;
  }
  if (left > 0) store<f64>(to, load<f64>(from) - value);
}

/** Σ w_i / (p_i − t) and Σ w_i / (p_i − t)², from ≤ i < to. */
function poleSums(from: i32, to: i32, weights: usize, poles: usize, t: f64): void {
  const ones = f64x2.splat(1);
  const ts = f64x2.splat(t);
  let values = f64x2.splat(0);
  let slopes = values;
  let left = to - from;
  weights += (<usize>from) << 3;
  poles += (<usize>from) << 3;
  for (; left >= 2; left -= 2) {
    const inverse = f64x2.div(ones, f64x2.sub(v128.load(poles), ts));
    const term = f64x2.mul(v128.load(weights), inverse);
    values = f64x2.add(values, term);
    slopes = madd(term, inverse, slopes);
    weights += 16;
    poles += 16;
  }
  let value = f64x2.extract_lane(values, 0) + f64x2.extract_lane(values, 1);
  let slope = f64x2.extract_lane(slopes, 0) + f64x2.extract_lane(slopes, 1);
  if (left > 0) {
    const inverse = 1 / (load<f64>(poles) - t);
    const term = load<f64>(weights) * inverse;
    value += term;
    slope += term * inverse;
  }
  sumValue = value;
  sumSlope = slope;
}
