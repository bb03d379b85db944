/**
 * ../arithmetic/symmetric.ts in 128-bit vectors, in AssemblyScript, with the same bits: symmetric matrix × vector from
 * the lower triangle, four rows a sweep, columns in pairs. Pointers are byte addresses of doubles, `stride`
 * counts bytes.
 */

import { madd } from './madd';

/** y ← S x, S [m, m]. */
export function symmetricTimesVector(m: i32, s: usize, stride: usize, x: usize, y: usize): void {
  memory.fill(y, 0, (<usize>m) << 3);
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const rows = s + <usize>i * stride;
    sweep(i, rows, stride, x, y);
    for (let r = i; r < i + 4; r++) lowerRow(r, i, s + <usize>r * stride, x, y);
  }
  for (; i < m; i++) lowerRow(i, 0, s + <usize>i * stride, x, y);
}

/** Rows i … i + 3, columns before i, and their mirror images. i is a multiple of 4. */
function sweep(i: i32, row: usize, stride: usize, x: usize, y: usize): void {
  let r0 = row;
  let r1 = r0 + stride;
  let r2 = r1 + stride;
  let r3 = r2 + stride;
  const own = (<usize>i) << 3;
  const x0 = v128.load64_splat(x + own);
  const x1 = v128.load64_splat(x + own, 8);
  const x2 = v128.load64_splat(x + own, 16);
  const x3 = v128.load64_splat(x + own, 24);
  let y0 = f64x2.splat(0);
  let y1 = y0;
  let y2 = y0;
  let y3 = y0;
  let xc = x;
  let yc = y;
  for (let left = i; left > 0; left -= 2) {
    const xs = v128.load(xc);
    const s0 = v128.load(r0);
    const s1 = v128.load(r1);
    const s2 = v128.load(r2);
    const s3 = v128.load(r3);
    y0 = madd(s0, xs, y0);
    y1 = madd(s1, xs, y1);
    y2 = madd(s2, xs, y2);
    y3 = madd(s3, xs, y3);
    const upper = madd(s1, x1, f64x2.mul(s0, x0));
    const lower = madd(s3, x3, f64x2.mul(s2, x2));
    v128.store(yc, f64x2.add(v128.load(yc), f64x2.add(upper, lower)));
    xc += 16;
    yc += 16;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  const out = y + own;
  store<f64>(out, load<f64>(out) + (f64x2.extract_lane(y0, 0) + f64x2.extract_lane(y0, 1)));
  store<f64>(out, load<f64>(out, 8) + (f64x2.extract_lane(y1, 0) + f64x2.extract_lane(y1, 1)), 8);
  store<f64>(out, load<f64>(out, 16) + (f64x2.extract_lane(y2, 0) + f64x2.extract_lane(y2, 1)), 16);
  store<f64>(out, load<f64>(out, 24) + (f64x2.extract_lane(y3, 0) + f64x2.extract_lane(y3, 1)), 24);
}

/** Entries (r, from … r) of the lower triangle and their mirror images. */
function lowerRow(r: i32, from: i32, row: usize, x: usize, y: usize): void {
  const xr = load<f64>(x + ((<usize>r) << 3));
  let sum: f64 = 0;
  for (let c = from; c < r; c++) {
    const at = (<usize>c) << 3;
    const value = load<f64>(row + at);
    sum += value * load<f64>(x + at);
    store<f64>(y + at, load<f64>(y + at) + value * xr);
  }
  const at = (<usize>r) << 3;
  store<f64>(y + at, load<f64>(y + at) + (sum + load<f64>(row + at) * xr));
}
