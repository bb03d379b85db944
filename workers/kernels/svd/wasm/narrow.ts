/**
 * ../arithmetic/narrow.ts in 128-bit vectors, in AssemblyScript: the same operations in the same order. Pointers are
 * byte addresses, strides count bytes.
 */
import { dot } from './vector';

export function scaleToFloat32(
  rows: i32,
  cols: i32,
  from: usize,
  fromStride: usize,
  factors: usize,
  to: usize,
  toStride: usize,
  squares: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const at = (<usize>i) << 3;
    store<f64>(squares + at, load<f64>(squares + at) + dot(cols, from, from));
    narrowRow(cols, from, load<f64>(factors + at), to);
    from += fromStride;
    to += toStride;
  }
}

function narrowRow(n: i32, from: usize, factor: f64, to: usize): void {
  const factors = f64x2.splat(factor);
  let left = n;
  for (; left >= 4; left -= 4) {
    const low = f32x4.demote_f64x2_zero(f64x2.mul(factors, v128.load(from)));
    const high = f32x4.demote_f64x2_zero(f64x2.mul(factors, v128.load(from, 16)));
    v128.store(to, v128.shuffle<f64>(low, high, 0, 2));
    from += 32;
    to += 16;
  }
  for (; left > 0; left--) {
    store<f32>(to, <f32>(factor * load<f64>(from)));
    from += 8;
    to += 4;
  }
}
