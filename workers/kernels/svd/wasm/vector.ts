/**
 * ../arithmetic/vector.ts in 128-bit vectors of two doubles, in AssemblyScript. The same operations in the same order,
 * so the same bits: lane q of a vector holds the partial sums with index ≡ q modulo 2. Pointers are byte
 * addresses of doubles, lengths count doubles.
 */

import { madd } from './madd';

/** Σ x_i y_i, i < n, by eight partial sums. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s01 = f64x2.splat(0);
  let s23 = s01;
  let s45 = s01;
  let s67 = s01;
  let left = n;
  for (; left >= 8; left -= 8) {
    s01 = madd(v128.load(x), v128.load(y), s01);
    s23 = madd(v128.load(x, 16), v128.load(y, 16), s23);
    s45 = madd(v128.load(x, 32), v128.load(y, 32), s45);
    s67 = madd(v128.load(x, 48), v128.load(y, 48), s67);
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
    v128.store(y, madd(alphas, v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
  if (left > 0) store<f64>(y, load<f64>(y) + alpha * load<f64>(x));
}
