/**
 * Σ_rows share · KL(P ‖ Q) in nats and its gradient, in one pass over the vocabulary: P given by its
 * log-probabilities, Q by its logits.
 *   KL = Σ_j p_j f(d_j),  d_j = log p_j − log q_j,  f(d) = d − 1 + e⁻ᵈ ≥ 0,   d KL/d z_j = q_j Σ p − p_j.
 * That is Σ p d, for Σ p = Σ q; but no term is negative, so nothing cancels where P and Q are nearly equal,
 * and a P whose float32 probabilities do not quite sum to 1 changes it in the second order only. All sums
 * over the vocabulary are in float64: in float32 they lose three digits over 150,000 tokens.
 */
import { exp4, log } from '../../../backend/heap/wasm/exp';

/**
 * `teacher` [rows, shared] log-probabilities; `logits` [rows, vocabulary], of which the first `shared` are a
 * distribution; `share` [rows]; `gradient` [rows, vocabulary], 0 beyond `shared`. Returns the sum, added up
 * in float64.
 */
export function divergence(
  rows: i32,
  shared: i32,
  vocabulary: i32,
  teacher: usize,
  logits: usize,
  share: usize,
  gradient: usize,
): f64 {
  const whole = (<usize>(shared & ~3)) << 2;
  const end = (<usize>shared) << 2;
  const rowBytes = (<usize>vocabulary) << 2;
  let total: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const weight = load<f32>(share + ((<usize>row) << 2));
    if (weight === 0) {
      memory.fill(gradient, 0, rowBytes);
    } else {
      total += <f64>weight * rowDivergence(whole, end, teacher, logits, gradient, weight);
      memory.fill(gradient + end, 0, rowBytes - end);
    }
    teacher += end;
    logits += rowBytes;
    gradient += rowBytes;
  }
  return total;
}

function rowDivergence(
  whole: usize,
  end: usize,
  teacher: usize,
  logits: usize,
  gradient: usize,
  weight: f32,
): f64 {
  let highest4 = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < whole; at += 16) highest4 = f32x4.max(highest4, v128.load(logits + at));
  let highest = max(
    max(f32x4.extract_lane(highest4, 0), f32x4.extract_lane(highest4, 1)),
    max(f32x4.extract_lane(highest4, 2), f32x4.extract_lane(highest4, 3)),
  );
  for (let at = whole; at < end; at += 4) highest = max(highest, load<f32>(logits + at));

  // The unnormalised probabilities of the student stay in `gradient` until their sum is known.
  const highestAll = f32x4.splat(highest);
  let sums = f64x2.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const e = exp4(f32x4.sub(v128.load(logits + at), highestAll));
    sums = plusAll(sums, e);
    v128.store(gradient + at, e);
  }
  let sum = sum2(sums);
  for (let at = whole; at < end; at += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(logits + at) - highest)), 0);
    sum += <f64>e;
    store<f32>(gradient + at, e);
  }

  const logSum = <f32>(<f64>highest + log(sum));
  const logSum4 = f32x4.splat(logSum);
  const perSum = <f32>(1 / sum);
  const perSum4 = f32x4.splat(perSum);
  let masses = f64x2.splat(0);
  let parts = f64x2.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const t = v128.load(teacher + at);
    const p = exp4(t);
    masses = plusAll(masses, p);
    parts = plusAll(
      parts,
      term4(
        p,
        f32x4.mul(v128.load(gradient + at), perSum4),
        f32x4.sub(t, f32x4.sub(v128.load(logits + at), logSum4)),
      ),
    );
  }
  let mass = sum2(masses);
  let part = sum2(parts);
  for (let at = whole; at < end; at += 4) {
    const t = load<f32>(teacher + at);
    const p = exp4(f32x4.splat(t));
    mass += <f64>f32x4.extract_lane(p, 0);
    const q = f32x4.splat(load<f32>(gradient + at) * perSum);
    part += <f64>f32x4.extract_lane(term4(p, q, f32x4.splat(t - (load<f32>(logits + at) - logSum))), 0);
  }

  const student = <f32>((<f64>weight * mass) / sum);
  const student4 = f32x4.splat(student);
  const weight4 = f32x4.splat(weight);
  for (let at: usize = 0; at < whole; at += 16) {
    const q = f32x4.mul(v128.load(gradient + at), student4);
    v128.store(gradient + at, f32x4.sub(q, f32x4.mul(weight4, exp4(v128.load(teacher + at)))));
  }
  for (let at = whole; at < end; at += 4) {
    const p = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(teacher + at))), 0);
    store<f32>(gradient + at, load<f32>(gradient + at) * student - weight * p);
  }
  return part;
}

/**
 * p f(d), q = p e⁻ᵈ being known: by the series of f for |d| < 1/4, where what is left out is under 4e-7 of
 * it, and p (d − 1) + q beyond.
 */
// @ts-ignore: decorator
@inline
function term4(p: v128, q: v128, d: v128): v128 {
  let series = f32x4.add(f32x4.splat(-1 / 120), f32x4.mul(d, f32x4.splat(1 / 720)));
  series = f32x4.add(f32x4.splat(1 / 24), f32x4.mul(d, series));
  series = f32x4.add(f32x4.splat(-1 / 6), f32x4.mul(d, series));
  series = f32x4.add(f32x4.splat(0.5), f32x4.mul(d, series));
  const near = f32x4.mul(p, f32x4.mul(f32x4.mul(d, d), series));
  const far = f32x4.add(f32x4.mul(p, f32x4.sub(d, f32x4.splat(1))), q);
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(d), f32x4.splat(0.25)));
}

/** Both lanes of a float64 sum, and the four of `x`. */
// @ts-ignore: decorator
@inline
function plusAll(sum: v128, x: v128): v128 {
  return f64x2.add(
    f64x2.add(sum, f64x2.promote_low_f32x4(x)),
    f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)),
  );
}

// @ts-ignore: decorator
@inline
function sum2(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}
