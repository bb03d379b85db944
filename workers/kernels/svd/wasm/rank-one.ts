/**
 * ../eigen/rank-one.ts in 128-bit vectors, in AssemblyScript: the same operations in the same order. Pointers are
 * byte addresses of doubles.
 */
import { secularRoot } from './secular';
import { dot } from './vector';

/** `position` points to i32. Returns 0 when a root was not found. */
export function rankOneEigen(
  k: i32,
  d: usize,
  z: usize,
  rho: f64,
  position: usize,
  roots: usize,
  coefficients: usize,
  scratch: usize,
): bool {
  const rowBytes = (<usize>k) << 3;
  const z2 = scratch;
  const zHat = scratch + rowBytes;
  const vector = zHat + rowBytes;
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const value = load<f64>(z + i);
    store<f64>(z2 + i, value * value);
    store<f64>(zHat + i, 1);
  }
  for (let j = 0; j < k; j++) {
    const root = secularRoot(k, j, d, z2, rho, coefficients + <usize>j * rowBytes);
    if (isNaN(root)) return false;
    store<f64>(roots + ((<usize>j) << 3), root);
  }
  for (let j = 0; j < k; j++) {
    const row = coefficients + <usize>j * rowBytes;
    const own = (<usize>j) << 3;
    const dj = load<f64>(d + own);
    timesRatios(j, zHat, row, d, dj);
    store<f64>(zHat + own, load<f64>(zHat + own) * load<f64>(row + own));
    timesRatios(k - j - 1, zHat + own + 8, row + own + 8, d + own + 8, dj);
  }
  for (let i: usize = 0; i < rowBytes; i += 8) {
    const size = sqrt(abs(load<f64>(zHat + i)));
    store<f64>(zHat + i, load<f64>(z + i) < 0 ? -size : size);
  }
  for (let j = 0; j < k; j++) {
    const row = coefficients + <usize>j * rowBytes;
    quotients(k, zHat, row, vector);
    const scale = 1 / sqrt(dot(k, vector, vector));
    for (let i = 0; i < k; i++) {
      const to = row + ((<usize>load<i32>(position + ((<usize>i) << 2))) << 3);
      store<f64>(to, load<f64>(vector + ((<usize>i) << 3)) * scale);
    }
  }
  return true;
}

/** z_i ← z_i · x_i / (p_i − t), i < n. */
function timesRatios(n: i32, z: usize, x: usize, poles: usize, t: f64): void {
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
function quotients(n: i32, x: usize, y: usize, z: usize): void {
  let left = n;
  for (; left >= 2; left -= 2) {
    v128.store(z, f64x2.div(v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
    z += 16;
  }
  if (left > 0) store<f64>(z, load<f64>(x) / load<f64>(y));
}
