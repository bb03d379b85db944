/**
 * ../arithmetic/single.ts in 128-bit vectors, in AssemblyScript, blocked as gemm.ts is: A in panels of four rows, B in
 * panels of eight columns, both in float32. With multiply-adds that round twice the bits are those of the
 * reference.
 */
import { madd32 } from './madd';

const ROWS: i32 = 4;
const COLS: i32 = 8;
const RUN: i32 = 8;
const MC: i32 = 1024;
const KC: i32 = 512; // a multiple of RUN
const NC: i32 = 96;

/** Bytes of scratch that gemmSingle needs. */
export const singleScratchBytes: i32 = 4 * (MC * KC + NC * KC) + 8 * ROWS * COLS;

/**
 * C [m, n] ← A · float32(scale · B). Addresses are in bytes; strides count elements. C is float64, A and B
 * float32.
 */
export function gemmSingle(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: i32,
  aCol: i32,
  b: usize,
  bRow: i32,
  bCol: i32,
  scale: f32,
  c: usize,
  cRow: i32,
  scratch: usize,
): void {
  const aRowBytes = (<usize>aRow) << 2;
  const aColBytes = (<usize>aCol) << 2;
  const bRowBytes = (<usize>bRow) << 2;
  const bColBytes = (<usize>bCol) << 2;
  const cRowBytes = (<usize>cRow) << 3;
  const edge = scratch;
  const aPanels = edge + <usize>(8 * ROWS * COLS);
  const bPanels = aPanels + <usize>(4 * MC * KC);
  if (k === 0) for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cRowBytes, 0, (<usize>n) << 3);
  for (let ic = 0; ic < m; ic += MC) {
    const mc = min(MC, m - ic);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      const add = pc > 0;
      pack(a + <usize>ic * aRowBytes + <usize>pc * aColBytes, aRowBytes, aColBytes, mc, kc, ROWS, 1, aPanels);
      for (let jc = 0; jc < n; jc += NC) {
        const nc = min(NC, n - jc);
        pack(
          b + <usize>pc * bRowBytes + <usize>jc * bColBytes,
          bColBytes,
          bRowBytes,
          nc,
          kc,
          COLS,
          scale,
          bPanels,
        );
        for (let ir = 0; ir < mc; ir += ROWS) {
          const aPanel = aPanels + ((<usize>(ir * kc)) << 2);
          for (let jr = 0; jr < nc; jr += COLS) {
            const bPanel = bPanels + ((<usize>(jr * kc)) << 2);
            const at = c + <usize>(ic + ir) * cRowBytes + ((<usize>(jc + jr)) << 3);
            if (mc - ir >= ROWS && nc - jr >= COLS) {
              tile(kc, aPanel, bPanel, at, cRowBytes, add);
            } else {
              const rows = min(ROWS, mc - ir);
              const cols = min(COLS, nc - jr);
              if (add) copy(at, cRowBytes, edge, 8 * COLS, rows, cols);
              tile(kc, aPanel, bPanel, edge, 8 * COLS, add);
              copy(edge, 8 * COLS, at, cRowBytes, rows, cols);
            }
          }
        }
      }
    }
  }
}

function copy(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; i++)
    memory.copy(to + <usize>i * toBytes, from + <usize>i * fromBytes, (<usize>cols) << 3);
}

/** Rows in groups of `size`, 4 or 8, each group k-major; the last group is filled up with zeros. */
function pack(
  source: usize,
  rowBytes: usize,
  kBytes: usize,
  rows: i32,
  kc: i32,
  size: i32,
  scale: f32,
  panels: usize,
): void {
  const scales = f32x4.splat(scale);
  const stepBytes = (<usize>size) << 2;
  for (let i = 0; i < rows; i += 4) {
    // A group of eight is two of four, side by side.
    const to = panels + <usize>(i / size) * <usize>kc * stepBytes + ((<usize>(i % size)) << 2);
    const from = source + <usize>i * rowBytes;
    if (rows - i < 4) packFew(from, rowBytes, kBytes, rows - i, kc, scale, to, stepBytes);
    else if (rowBytes === 4) packAcross(from, kBytes, kc, scales, to, stepBytes);
    else packAlong(from, rowBytes, kBytes, kc, scales, to, stepBytes);
  }
  const filled = (rows + 3) & ~3;
  if (filled % size > 0)
    packFew(
      source,
      0,
      0,
      0,
      kc,
      scale,
      panels + <usize>(filled / size) * <usize>kc * stepBytes + 16,
      stepBytes,
    );
}

/** Four rows whose entries of equal k are neighbours. */
function packAcross(from: usize, kBytes: usize, kc: i32, scales: v128, to: usize, stepBytes: usize): void {
  for (let k = 0; k < kc; k++) {
    v128.store(to, f32x4.mul(scales, v128.load(from)));
    from += kBytes;
    to += stepBytes;
  }
}

/**
 * Four rows, each of which is contiguous if kBytes is 4; then four steps of k at a time, a 4 × 4
 * transposition.
 */
function packAlong(
  p0: usize,
  rowBytes: usize,
  kBytes: usize,
  kc: i32,
  scales: v128,
  to: usize,
  stepBytes: usize,
): void {
  let p1 = p0 + rowBytes;
  let p2 = p1 + rowBytes;
  let p3 = p2 + rowBytes;
  let left = kc;
  if (kBytes === 4) {
    for (; left >= 4; left -= 4) {
      const r0 = f32x4.mul(scales, v128.load(p0));
      const r1 = f32x4.mul(scales, v128.load(p1));
      const r2 = f32x4.mul(scales, v128.load(p2));
      const r3 = f32x4.mul(scales, v128.load(p3));
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(to + stepBytes, v128.shuffle<f64>(low01, low23, 1, 3));
      v128.store(to + 2 * stepBytes, v128.shuffle<f64>(high01, high23, 0, 2));
      v128.store(to + 3 * stepBytes, v128.shuffle<f64>(high01, high23, 1, 3));
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      to += 4 * stepBytes;
    }
  }
  const scale = f32x4.extract_lane(scales, 0);
  for (; left > 0; left--) {
    store<f32>(to, scale * load<f32>(p0));
    store<f32>(to, scale * load<f32>(p1), 4);
    store<f32>(to, scale * load<f32>(p2), 8);
    store<f32>(to, scale * load<f32>(p3), 12);
    p0 += kBytes;
    p1 += kBytes;
    p2 += kBytes;
    p3 += kBytes;
    to += stepBytes;
  }
}

/** Fewer than four rows, and zeros. */
function packFew(
  from: usize,
  rowBytes: usize,
  kBytes: usize,
  rows: i32,
  kc: i32,
  scale: f32,
  to: usize,
  stepBytes: usize,
): void {
  for (let k = 0; k < kc; k++) {
    for (let q = 0; q < 4; q++) {
      store<f32>(to + ((<usize>q) << 2), q < rows ? scale * load<f32>(from + <usize>q * rowBytes) : 0);
    }
    from += kBytes;
    to += stepBytes;
  }
}

/** C [4, 8] ← (C +) the sums of all runs of a[k][4] ⊗ b[k][8]. */
function tile(kc: i32, a: usize, b: usize, c: usize, rowBytes: usize, add: bool): void {
  for (let left = kc; left > 0; left -= RUN) {
    let c00 = f32x4.splat(0);
    let c04 = c00;
    let c10 = c00;
    let c14 = c00;
    let c20 = c00;
    let c24 = c00;
    let c30 = c00;
    let c34 = c00;
    for (let k = min(RUN, left); k > 0; k--) {
      const b0 = v128.load(b);
      const b4 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd32(x, b0, c00);
      c04 = madd32(x, b4, c04);
      x = v128.load32_splat(a, 4);
      c10 = madd32(x, b0, c10);
      c14 = madd32(x, b4, c14);
      x = v128.load32_splat(a, 8);
      c20 = madd32(x, b0, c20);
      c24 = madd32(x, b4, c24);
      x = v128.load32_splat(a, 12);
      c30 = madd32(x, b0, c30);
      c34 = madd32(x, b4, c34);
      a += 16;
      b += 32;
    }
    writeRow(c, c00, c04, add);
    writeRow(c + rowBytes, c10, c14, add);
    writeRow(c + 2 * rowBytes, c20, c24, add);
    writeRow(c + 3 * rowBytes, c30, c34, add);
    add = true;
  }
}

// @ts-ignore: decorator
@inline
function writeRow(c: usize, left: v128, right: v128, add: bool): void {
  writeFour(c, left, add);
  writeFour(c + 32, right, add);
}

// @ts-ignore: decorator
@inline
function writeFour(c: usize, four: v128, add: bool): void {
  let low = f64x2.promote_low_f32x4(four);
  let high = f64x2.promote_low_f32x4(v128.shuffle<f64>(four, four, 1, 1));
  if (add) {
    low = f64x2.add(v128.load(c), low);
    high = f64x2.add(v128.load(c, 16), high);
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}
