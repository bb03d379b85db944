/**
 * Σ_rows share · KL(P ‖ Q) in nats and its gradient, in one pass over the vocabulary: P given by its log-probabilities, Q by its logits.
 *   KL = Σ_j p_j (log p_j − log q_j),   d KL/d z_j = q_j Σ p − p_j.
 */
import { exp4, log, sum4 } from './exp';

/**
 * `teacher` [rows, shared] log-probabilities; `logits` [rows, vocabulary], of which the first `shared` are a distribution; `share` [rows];
 * `gradient` [rows, vocabulary], 0 beyond `shared`. Returns the sum, added up in float64.
 */
export function divergence(rows: i32, shared: i32, vocabulary: i32, teacher: usize, logits: usize, share: usize, gradient: usize): f64 {
  const whole = <usize>(shared & ~3) << 2;
  const end = <usize>shared << 2;
  const rowBytes = <usize>vocabulary << 2;
  let total: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const weight = load<f32>(share + (<usize>row << 2));
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

function rowDivergence(whole: usize, end: usize, teacher: usize, logits: usize, gradient: usize, weight: f32): f64 {
  let highest4 = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < whole; at += 16) highest4 = f32x4.max(highest4, v128.load(logits + at));
  let highest = max(max(f32x4.extract_lane(highest4, 0), f32x4.extract_lane(highest4, 1)), max(f32x4.extract_lane(highest4, 2), f32x4.extract_lane(highest4, 3)));
  for (let at = whole; at < end; at += 4) highest = max(highest, load<f32>(logits + at));

  // The unnormalised probabilities of the student stay in `gradient` until their sum is known.
  const highestAll = f32x4.splat(highest);
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const e = exp4(f32x4.sub(v128.load(logits + at), highestAll));
    sums = f32x4.add(sums, e);
    v128.store(gradient + at, e);
  }
  let sum = sum4(sums);
  for (let at = whole; at < end; at += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(logits + at) - highest)), 0);
    sum += e;
    store<f32>(gradient + at, e);
  }

  const logSum: f32 = highest + <f32>log(<f64>sum);
  const logSum4 = f32x4.splat(logSum);
  let masses = f32x4.splat(0);
  let parts = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const t = v128.load(teacher + at);
    const p = exp4(t);
    masses = f32x4.add(masses, p);
    parts = f32x4.add(parts, f32x4.mul(p, f32x4.sub(t, f32x4.sub(v128.load(logits + at), logSum4))));
  }
  let mass = sum4(masses);
  let part: f64 = <f64>sum4(parts);
  for (let at = whole; at < end; at += 4) {
    const t = load<f32>(teacher + at);
    const p = f32x4.extract_lane(exp4(f32x4.splat(t)), 0);
    mass += p;
    part += <f64>(p * (t - (load<f32>(logits + at) - logSum)));
  }

  const student4 = f32x4.splat((weight * mass) / sum);
  const weight4 = f32x4.splat(weight);
  for (let at: usize = 0; at < whole; at += 16) {
    const q = f32x4.mul(v128.load(gradient + at), student4);
    v128.store(gradient + at, f32x4.sub(q, f32x4.mul(weight4, exp4(v128.load(teacher + at)))));
  }
  for (let at = whole; at < end; at += 4) {
    const p = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(teacher + at))), 0);
    store<f32>(gradient + at, load<f32>(gradient + at) * ((weight * mass) / sum) - weight * p);
  }
  return part;
}
