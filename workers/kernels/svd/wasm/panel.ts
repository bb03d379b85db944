/**
 * ../arithmetic/panel.ts in 128-bit vectors, in AssemblyScript: rows two or four at a time, every sum in the reference's
 * order. Pointers are byte addresses of doubles, `stride` counts bytes.
 */
import { madd } from './madd';
import { dot } from './vector';

/** out_p = Σ_i rows_pi x_i: two rows at a time, each by the eight partial sums of `dot`. */
export function rowsTimesVector(count: i32, n: i32, rows: usize, stride: usize, x: usize, out: usize): void {
  let p = 0;
  for (; p + 2 <= count; p += 2) {
    twoDots(n, rows, rows + stride, x, out);
    rows += 2 * stride;
    out += 16;
  }
  if (p < count) store<f64>(out, dot(n, rows, x));
}

function twoDots(n: i32, r: usize, q: usize, x: usize, out: usize): void {
  let r01 = f64x2.splat(0);
  let r23 = r01;
  let r45 = r01;
  let r67 = r01;
  let q01 = r01;
  let q23 = r01;
  let q45 = r01;
  let q67 = r01;
  let left = n;
  for (; left >= 8; left -= 8) {
    const x01 = v128.load(x);
    const x23 = v128.load(x, 16);
    r01 = madd(v128.load(r), x01, r01);
    q01 = madd(v128.load(q), x01, q01);
    r23 = madd(v128.load(r, 16), x23, r23);
    q23 = madd(v128.load(q, 16), x23, q23);
    const x45 = v128.load(x, 32);
    const x67 = v128.load(x, 48);
    r45 = madd(v128.load(r, 32), x45, r45);
    q45 = madd(v128.load(q, 32), x45, q45);
    r67 = madd(v128.load(r, 48), x67, r67);
    q67 = madd(v128.load(q, 48), x67, q67);
    r += 64;
    q += 64;
    x += 64;
  }
  const rPair = f64x2.add(f64x2.add(r01, r23), f64x2.add(r45, r67));
  const qPair = f64x2.add(f64x2.add(q01, q23), f64x2.add(q45, q67));
  let rSum = f64x2.extract_lane(rPair, 0) + f64x2.extract_lane(rPair, 1);
  let qSum = f64x2.extract_lane(qPair, 0) + f64x2.extract_lane(qPair, 1);
  for (; left > 0; left--) {
    const value = load<f64>(x);
    rSum += load<f64>(r) * value;
    qSum += load<f64>(q) * value;
    r += 8;
    q += 8;
    x += 8;
  }
  store<f64>(out, rSum);
  store<f64>(out, qSum, 8);
}

/** y_i += Σ_p weights_p rows_pi: four rows at a time, added one after the other. */
export function addRows(count: i32, n: i32, weights: usize, rows: usize, stride: usize, y: usize): void {
  let p = 0;
  for (; p + 4 <= count; p += 4) {
    addFour(n, weights, rows, stride, y);
    weights += 32;
    rows += 4 * stride;
  }
  for (; p < count; p++) {
    addOne(n, load<f64>(weights), rows, y);
    weights += 8;
    rows += stride;
  }
}

function addFour(n: i32, weights: usize, r0: usize, stride: usize, y: usize): void {
  let r1 = r0 + stride;
  let r2 = r1 + stride;
  let r3 = r2 + stride;
  const w0 = v128.load64_splat(weights);
  const w1 = v128.load64_splat(weights, 8);
  const w2 = v128.load64_splat(weights, 16);
  const w3 = v128.load64_splat(weights, 24);
  let left = n;
  for (; left >= 2; left -= 2) {
    let sum = madd(w0, v128.load(r0), v128.load(y));
    sum = madd(w1, v128.load(r1), sum);
    sum = madd(w2, v128.load(r2), sum);
    v128.store(y, madd(w3, v128.load(r3), sum));
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    y += 16;
  }
  if (left > 0) {
    let sum = load<f64>(y) + load<f64>(weights) * load<f64>(r0);
    sum += load<f64>(weights, 8) * load<f64>(r1);
    sum += load<f64>(weights, 16) * load<f64>(r2);
    store<f64>(y, sum + load<f64>(weights, 24) * load<f64>(r3));
  }
}

function addOne(n: i32, weight: f64, row: usize, y: usize): void {
  const weights = f64x2.splat(weight);
  let left = n;
  for (; left >= 2; left -= 2) {
    v128.store(y, madd(weights, v128.load(row), v128.load(y)));
    row += 16;
    y += 16;
  }
  if (left > 0) store<f64>(y, load<f64>(y) + weight * load<f64>(row));
}
