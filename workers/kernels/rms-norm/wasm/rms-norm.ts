/**
 * Root-mean-square norm (Zhang & Sennrich 2019, arXiv 1910.07467) of rows: y = w ⊙ x·r, r = 1/√(mean(x²) +
 * ε). One pass forward, one back.
 */
import { sum4 } from '../../../backend/heap/wasm/exp';

/** x, y [rows, width], w [width], inverse [rows] (what is kept for the way back). */
export function rmsNorm(
  rows: i32,
  width: i32,
  x: usize,
  w: usize,
  epsilon: f32,
  y: usize,
  inverse: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  const whole = (<usize>(width & ~3)) << 2;
  for (let row = 0; row < rows; row++) {
    let lanes = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      const values = v128.load(x + at);
      lanes = f32x4.add(lanes, f32x4.mul(values, values));
    }
    let sum = sum4(lanes);
    for (let at = whole; at < rowBytes; at += 4) sum += load<f32>(x + at) * load<f32>(x + at);
    const r: f32 = <f32>1 / sqrt<f32>(sum / <f32>width + epsilon);
    store<f32>(inverse + ((<usize>row) << 2), r);
    const r4 = f32x4.splat(r);
    for (let at: usize = 0; at < whole; at += 16)
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), r4), v128.load(w + at)));
    for (let at = whole; at < rowBytes; at += 4)
      store<f32>(y + at, load<f32>(x + at) * r * load<f32>(w + at));
    x += rowBytes;
    y += rowBytes;
  }
}

/** dx = r·(dy⊙w − x·r²·mean(dy⊙w⊙x)). */
export function rmsNormGradient(
  rows: i32,
  width: i32,
  x: usize,
  w: usize,
  inverse: usize,
  dy: usize,
  dx: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  const whole = (<usize>(width & ~3)) << 2;
  for (let row = 0; row < rows; row++) {
    let lanes = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      lanes = f32x4.add(
        lanes,
        f32x4.mul(f32x4.mul(v128.load(dy + at), v128.load(w + at)), v128.load(x + at)),
      );
    }
    let sum = sum4(lanes);
    for (let at = whole; at < rowBytes; at += 4)
      sum += load<f32>(dy + at) * load<f32>(w + at) * load<f32>(x + at);
    const r = load<f32>(inverse + ((<usize>row) << 2));
    const projection: f32 = (sum / <f32>width) * r * r;
    const r4 = f32x4.splat(r);
    const p4 = f32x4.splat(projection);
    for (let at: usize = 0; at < whole; at += 16) {
      const scaled = f32x4.mul(v128.load(dy + at), v128.load(w + at));
      v128.store(dx + at, f32x4.mul(r4, f32x4.sub(scaled, f32x4.mul(v128.load(x + at), p4))));
    }
    for (let at = whole; at < rowBytes; at += 4) {
      store<f32>(dx + at, r * (load<f32>(dy + at) * load<f32>(w + at) - load<f32>(x + at) * projection));
    }
    x += rowBytes;
    dy += rowBytes;
    dx += rowBytes;
  }
}
