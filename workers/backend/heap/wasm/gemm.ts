/**
 * Matrix product in float32, 128-bit vectors, no fused multiply-add (so that every machine gives the same
 * bits).
 *
 * C [m, n] ← A·diag(s)·B + D. B is packed into panels of 8 columns, the inner index outermost; A is read
 * where it lies, through five row pointers, so that any strides do. A tile of 5 × 8 keeps ten accumulators in
 * registers: of the tiles tried (4×8, 6×8, 4×12, 3×12, 8×4, unrolled or not) it is the fastest in V8. It
 * leaves its sums in a small buffer, because the addresses of C and D would cost it registers: with them it
 * runs at half the speed. The inner index is summed in ascending order, in blocks of KC.
 */
import { sum4 } from './exp';

const ROWS: i32 = 5;
const COLUMNS: i32 = 8;
const KC: i32 = 256;
const NC: i32 = 512;
const TILE_BYTES: usize = 4 * 5 * 8;

/** Bytes of scratch that gemm needs. */
export function gemmScratchBytes(): i32 {
  return 4 * (KC * NC) + <i32>TILE_BYTES;
}

/**
 * Addresses in bytes, strides in elements. `b`: element (k, j) at b + k·bK + j·bColumn. `scale`: k factors,
 * or 0 for none. `d`: the addend with rows dRow apart, or 0 for none; it may be C itself. C and D have unit
 * column stride.
 */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: i32,
  aK: i32,
  b: usize,
  bK: i32,
  bColumn: i32,
  scale: usize,
  c: usize,
  cRow: i32,
  d: usize,
  dRow: i32,
  scratch: usize,
): void {
  const aRowBytes = (<usize>aRow) << 2;
  const aKBytes = (<usize>aK) << 2;
  const bKBytes = (<usize>bK) << 2;
  const bColumnBytes = (<usize>bColumn) << 2;
  const cRowBytes = (<usize>cRow) << 2;
  const dRowBytes = (<usize>dRow) << 2;
  if (m < ROWS && aK === 1 && bK === 1 && !scale) {
    dots(m, n, k, a, aRowBytes, b, bColumnBytes, c, cRowBytes, d, dRowBytes);
    return;
  }
  const sums = scratch;
  const panels = scratch + TILE_BYTES;

  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      pack(
        b + <usize>pc * bKBytes + <usize>jc * bColumnBytes,
        bKBytes,
        bColumnBytes,
        kc,
        nc,
        scale ? scale + ((<usize>pc) << 2) : 0,
        panels,
      );
      // Later blocks add to what the earlier ones have left in C.
      const addend = pc > 0 ? c : d;
      const addendRowBytes = pc > 0 ? cRowBytes : dRowBytes;
      const panelBytes = (<usize>kc) << 5;
      for (let i = 0; i < m; i += ROWS) {
        const rows = min(ROWS, m - i);
        const aFrom = a + <usize>i * aRowBytes + <usize>pc * aKBytes;
        let panel = panels;
        for (let j = 0; j < nc; j += COLUMNS) {
          const at = c + <usize>i * cRowBytes + ((<usize>(jc + j)) << 2);
          const from = addend ? addend + <usize>i * addendRowBytes + ((<usize>(jc + j)) << 2) : 0;
          tile(kc, aFrom, aRowBytes, aKBytes, rows, panel, sums);
          if (nc - j >= COLUMNS) putRows(sums, rows, at, cRowBytes, from, addendRowBytes);
          else putFew(sums, rows, nc - j, at, cRowBytes, from, addendRowBytes);
          panel += panelBytes;
        }
      }
    }
  }
}

/**
 * A few rows against columns that lie inner index first (one token against a weight): packing B would take
 * longer than the product.
 */
function dots(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRowBytes: usize,
  b: usize,
  bColumnBytes: usize,
  c: usize,
  cRowBytes: usize,
  d: usize,
  dRowBytes: usize,
): void {
  for (let i = 0; i < m; i++) {
    const row = a + <usize>i * aRowBytes;
    const to = c + <usize>i * cRowBytes;
    const addend = d ? d + <usize>i * dRowBytes : 0;
    let j = 0;
    for (; j + 4 <= n; j += 4) {
      const column = b + <usize>j * bColumnBytes;
      fourDots(
        k,
        row,
        column,
        column + bColumnBytes,
        column + 2 * bColumnBytes,
        column + 3 * bColumnBytes,
        to + ((<usize>j) << 2),
      );
      if (addend)
        v128.store(
          to + ((<usize>j) << 2),
          f32x4.add(v128.load(to + ((<usize>j) << 2)), v128.load(addend + ((<usize>j) << 2))),
        );
    }
    for (; j < n; j++) {
      const sum = oneDot(k, row, b + <usize>j * bColumnBytes);
      store<f32>(to + ((<usize>j) << 2), addend ? sum + load<f32>(addend + ((<usize>j) << 2)) : sum);
    }
  }
}

function fourDots(k: i32, x: usize, y0: usize, y1: usize, y2: usize, y3: usize, to: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const whole = (<usize>(k & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const values = v128.load(x + at);
    s0 = f32x4.add(s0, f32x4.mul(values, v128.load(y0 + at)));
    s1 = f32x4.add(s1, f32x4.mul(values, v128.load(y1 + at)));
    s2 = f32x4.add(s2, f32x4.mul(values, v128.load(y2 + at)));
    s3 = f32x4.add(s3, f32x4.mul(values, v128.load(y3 + at)));
  }
  let t0 = sum4(s0);
  let t1 = sum4(s1);
  let t2 = sum4(s2);
  let t3 = sum4(s3);
  for (let at = whole; at < (<usize>k) << 2; at += 4) {
    const value = load<f32>(x + at);
    t0 += value * load<f32>(y0 + at);
    t1 += value * load<f32>(y1 + at);
    t2 += value * load<f32>(y2 + at);
    t3 += value * load<f32>(y3 + at);
  }
  store<f32>(to, t0);
  store<f32>(to, t1, 4);
  store<f32>(to, t2, 8);
  store<f32>(to, t3, 12);
}

function oneDot(k: i32, x: usize, y: usize): f32 {
  let lanes = f32x4.splat(0);
  const whole = (<usize>(k & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16)
    lanes = f32x4.add(lanes, f32x4.mul(v128.load(x + at), v128.load(y + at)));
  let sum = sum4(lanes);
  for (let at = whole; at < (<usize>k) << 2; at += 4) sum += load<f32>(x + at) * load<f32>(y + at);
  return sum;
}

function putRows(sums: usize, rows: i32, c: usize, cRowBytes: usize, d: usize, dRowBytes: usize): void {
  for (let i = 0; i < rows; i++) {
    let left = v128.load(sums);
    let right = v128.load(sums, 16);
    if (d) {
      left = f32x4.add(left, v128.load(d));
      right = f32x4.add(right, v128.load(d, 16));
      d += dRowBytes;
    }
    v128.store(c, left);
    v128.store(c, right, 16);
    c += cRowBytes;
    sums += 32;
  }
}

function putFew(
  sums: usize,
  rows: i32,
  columns: i32,
  c: usize,
  cRowBytes: usize,
  d: usize,
  dRowBytes: usize,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const offset = (<usize>j) << 2;
      const value = load<f32>(sums + offset);
      store<f32>(c + offset, d ? value + load<f32>(d + offset) : value);
    }
    c += cRowBytes;
    if (d) d += dRowBytes;
    sums += 32;
  }
}

/** Columns in groups of eight, each group [k][8], the last one filled up with zeros. */
function pack(
  b: usize,
  kBytes: usize,
  columnBytes: usize,
  kc: i32,
  nc: i32,
  scale: usize,
  panels: usize,
): void {
  let to = panels;
  for (let j = 0; j < nc; j += COLUMNS) {
    const from = b + <usize>j * columnBytes;
    const here = min(COLUMNS, nc - j);
    if (here < COLUMNS) packFew(from, kBytes, columnBytes, kc, here, to);
    else if (columnBytes === 4) packRows(from, kBytes, kc, to);
    else packColumns(from, kBytes, columnBytes, kc, to);
    if (scale) scaleRows(scale, kc, to);
    to += (<usize>kc) << 5;
  }
}

function packRows(from: usize, kBytes: usize, kc: i32, to: usize): void {
  for (let p = 0; p < kc; p++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += kBytes;
    to += 32;
  }
}

/**
 * Rows of B lie across: four by four, turned in registers, where the inner index is contiguous; one by one
 * elsewhere.
 */
function packColumns(from: usize, kBytes: usize, columnBytes: usize, kc: i32, to: usize): void {
  let p = 0;
  if (kBytes === 4) {
    for (; p + 4 <= kc; p += 4) {
      turn(from, columnBytes, to);
      turn(from + 4 * columnBytes, columnBytes, to + 16);
      from += 16;
      to += 128;
    }
  }
  for (; p < kc; p++) {
    for (let j: usize = 0; j < 8; j++) store<f32>(to + (j << 2), load<f32>(from + j * columnBytes));
    from += kBytes;
    to += 32;
  }
}

/** [4][4] at `from`, rows `rowBytes` apart, to its transpose at `to`, rows 32 bytes apart. */
// @ts-ignore: decorator
@inline
function turn(from: usize, rowBytes: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + rowBytes);
  const r2 = v128.load(from + 2 * rowBytes);
  const r3 = v128.load(from + 3 * rowBytes);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 32);
  v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 64);
  v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 96);
}

function packFew(from: usize, kBytes: usize, columnBytes: usize, kc: i32, columns: i32, to: usize): void {
  for (let p = 0; p < kc; p++) {
    for (let j = 0; j < COLUMNS; j++) {
      store<f32>(to + ((<usize>j) << 2), j < columns ? load<f32>(from + <usize>j * columnBytes) : 0);
    }
    from += kBytes;
    to += 32;
  }
}

function scaleRows(scale: usize, kc: i32, panel: usize): void {
  for (let p = 0; p < kc; p++) {
    const s = v128.load32_splat(scale);
    v128.store(panel, f32x4.mul(s, v128.load(panel)));
    v128.store(panel, f32x4.mul(s, v128.load(panel, 16)), 16);
    scale += 4;
    panel += 32;
  }
}

/**
 * sums [5, 8] ← Σ_k a[k][5] ⊗ b[k][8]. Of fewer `rows`, the missing ones repeat the first; what they give is
 * not to be used. Exported although nobody calls it from outside: the compiler would otherwise inline it, and
 * the loop around it would take its registers.
 */
export function tile(
  kc: i32,
  a: usize,
  aRowBytes: usize,
  aKBytes: usize,
  rows: i32,
  b: usize,
  sums: usize,
): void {
  let a0 = a;
  let a1 = rows > 1 ? a + aRowBytes : a;
  let a2 = rows > 2 ? a + 2 * aRowBytes : a;
  let a3 = rows > 3 ? a + 3 * aRowBytes : a;
  let a4 = rows > 4 ? a + 4 * aRowBytes : a;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  for (let left = kc; left > 0; left--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
    const x4 = v128.load32_splat(a4);
    c40 = f32x4.add(c40, f32x4.mul(x4, b0));
    c41 = f32x4.add(c41, f32x4.mul(x4, b1));
    a0 += aKBytes;
    a1 += aKBytes;
    a2 += aKBytes;
    a3 += aKBytes;
    a4 += aKBytes;
    b += 32;
  }
  v128.store(sums, c00);
  v128.store(sums, c01, 16);
  v128.store(sums, c10, 32);
  v128.store(sums, c11, 48);
  v128.store(sums, c20, 64);
  v128.store(sums, c21, 80);
  v128.store(sums, c30, 96);
  v128.store(sums, c31, 112);
  v128.store(sums, c40, 128);
  v128.store(sums, c41, 144);
}
