/**
 * ../vector.ts in 128-bit vectors of two doubles, in AssemblyScript. The same operations in the same order, so the same bits: lane q
 * of a vector holds the partial sums with index ≡ q modulo 2. Pointers are byte addresses of doubles, lengths count doubles.
 */

/** Σ x_i y_i, i < n, by eight partial sums. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s01 = f64x2.splat(0);
  let s23 = s01;
  let s45 = s01;
  let s67 = s01;
  let left = n;
  for (; left >= 8; left -= 8) {
    s01 = f64x2.add(s01, f64x2.mul(v128.load(x), v128.load(y)));
    s23 = f64x2.add(s23, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    s45 = f64x2.add(s45, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    s67 = f64x2.add(s67, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
    x += 64;
    y += 64;
  }
  const pair = f64x2.add(f64x2.add(s01, s23), f64x2.add(s45, s67));
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; left > 0; left--) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y ← y + α x. */
export function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  const alphas = f64x2.splat(alpha);
  let left = n;
  for (; left >= 2; left -= 2) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(alphas, v128.load(x))));
    x += 16;
    y += 16;
  }
  if (left > 0) store<f64>(y, load<f64>(y) + alpha * load<f64>(x));
}

/** z ← (z + α x) + β y. */
export function axpy2(n: i32, alpha: f64, x: usize, beta: f64, y: usize, z: usize): void {
  const alphas = f64x2.splat(alpha);
  const betas = f64x2.splat(beta);
  let left = n;
  for (; left >= 2; left -= 2) {
    const first = f64x2.add(v128.load(z), f64x2.mul(alphas, v128.load(x)));
    v128.store(z, f64x2.add(first, f64x2.mul(betas, v128.load(y))));
    x += 16;
    y += 16;
    z += 16;
  }
  if (left > 0) store<f64>(z, load<f64>(z) + alpha * load<f64>(x) + beta * load<f64>(y));
}

/** Σ w_i / (p_i − t) to sums[0] and Σ w_i / (p_i − t)² to sums[1], i < n. */
export function poleSums(n: i32, weights: usize, poles: usize, t: f64, sums: usize): void {
  const ones = f64x2.splat(1);
  const ts = f64x2.splat(t);
  let values = f64x2.splat(0);
  let slopes = values;
  let left = n;
  for (; left >= 2; left -= 2) {
    const inverse = f64x2.div(ones, f64x2.sub(v128.load(poles), ts));
    const term = f64x2.mul(v128.load(weights), inverse);
    values = f64x2.add(values, term);
    slopes = f64x2.add(slopes, f64x2.mul(term, inverse));
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
  store<f64>(sums, value);
  store<f64>(sums, slope, 8);
}

/** z_i ← z_i · x_i / (p_i − t), i < n. */
export function timesRatios(n: i32, z: usize, x: usize, poles: usize, t: f64): void {
  const ts = f64x2.splat(t);
  let left = n;
  for (; left >= 2; left -= 2) {
    const ratio = f64x2.div(v128.load(x), f64x2.sub(v128.load(poles), ts));
    v128.store(z, f64x2.mul(v128.load(z), ratio));
    z += 16;
    x += 16;
    poles += 16;
  }
  if (left > 0) store<f64>(z, load<f64>(z) * (load<f64>(x) / (load<f64>(poles) - t)));
}

/** z_i ← x_i / y_i, i < n. */
export function quotients(n: i32, x: usize, y: usize, z: usize): void {
  let left = n;
  for (; left >= 2; left -= 2) {
    v128.store(z, f64x2.div(v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
    z += 16;
  }
  if (left > 0) store<f64>(z, load<f64>(x) / load<f64>(y));
}
