/**
 * ../arithmetic/gemm.ts in 128-bit vectors of two doubles, in AssemblyScript. The same products are summed in the same
 * order (ascending inner index, in chunks of KC), with no fused multiply-add, so the bits are the same too;
 * MC and NC only say what is packed when.
 *
 * The 4 × 4 tile takes 8 accumulators, 2 vectors of B and one broadcast of A: what 16 vector registers hold.
 * Unrolling it over the inner index spills.
 */
import { madd } from './madd';

const TILE: i32 = 4;
const MC: i32 = 1024;
const MC_NARROW: i32 = 96;
const KC: i32 = 256;
const NC: i32 = 96;
const TILE_BYTES: usize = 32;

/** Bytes of scratch that gemm needs. */
export const gemmScratchBytes: i32 = 8 * (MC * KC + NC * KC + TILE * TILE);

/**
 * C [m, n] ← α·A·B (+ C). `aWidth`, `bWidth`: 4 for float32, 8 for float64. Addresses are in bytes; strides
 * count elements. C is float64 with unit column stride and overlaps neither A, B nor the scratch.
 */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aWidth: i32,
  aRow: i32,
  aCol: i32,
  b: usize,
  bWidth: i32,
  bRow: i32,
  bCol: i32,
  c: usize,
  cRow: i32,
  alpha: f64,
  accumulate: bool,
  lowerOnly: bool,
  scratch: usize,
): void {
  const aRowBytes = <usize>aRow * aWidth;
  const aColBytes = <usize>aCol * aWidth;
  const bRowBytes = <usize>bRow * bWidth;
  const bColBytes = <usize>bCol * bWidth;
  const cRowBytes = (<usize>cRow) << 3;
  const edge = scratch;
  const aPanels = edge + <usize>(8 * TILE * TILE);
  const bPanels = aPanels + <usize>(8 * MC * KC);

  if (k === 0 && !accumulate)
    for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cRowBytes, 0, (<usize>n) << 3);
  const mcMost = n <= NC ? MC_NARROW : MC;
  for (let ic = 0; ic < m; ic += mcMost) {
    const mc = min(mcMost, m - ic);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      const add = accumulate || pc > 0;
      const panelBytes = <usize>kc * 8;
      const aFrom = a + <usize>ic * aRowBytes + <usize>pc * aColBytes;
      if (aWidth === 4) pack<f32>(aFrom, aRowBytes, aColBytes, mc, kc, alpha, aPanels);
      else pack<f64>(aFrom, aRowBytes, aColBytes, mc, kc, alpha, aPanels);
      for (let jc = 0; jc < n; jc += NC) {
        const nc = min(NC, n - jc);
        if (lowerOnly && jc > ic + mc - 1) break;
        const bFrom = b + <usize>pc * bRowBytes + <usize>jc * bColBytes;
        if (bWidth === 4) pack<f32>(bFrom, bColBytes, bRowBytes, nc, kc, 1, bPanels);
        else pack<f64>(bFrom, bColBytes, bRowBytes, nc, kc, 1, bPanels);
        for (let ir = 0; ir < mc; ir += TILE) {
          const aPanel = aPanels + <usize>ir * panelBytes;
          for (let jr = 0; jr < nc; jr += TILE) {
            if (lowerOnly && jc + jr > ic + ir + TILE - 1) break;
            const bPanel = bPanels + <usize>jr * panelBytes;
            const at = c + <usize>(ic + ir) * cRowBytes + ((<usize>(jc + jr)) << 3);
            if (mc - ir >= TILE && nc - jr >= TILE) {
              tile(kc, aPanel, bPanel, at, cRowBytes, add);
            } else {
              tile(kc, aPanel, bPanel, edge, TILE_BYTES, false);
              writeEdge(edge, at, cRowBytes, min(TILE, mc - ir), min(TILE, nc - jr), add);
            }
          }
        }
      }
    }
  }
}

function writeEdge(edge: usize, c: usize, rowBytes: usize, rows: i32, cols: i32, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = c + <usize>i * rowBytes + ((<usize>j) << 3);
      const value = load<f64>(edge + <usize>i * TILE_BYTES + ((<usize>j) << 3));
      store<f64>(at, add ? load<f64>(at) + value : value);
    }
  }
}

/**
 * Rows in groups of four, each group k-major ([k][4]); the last group is filled up with zeros. The two
 * layouts that matter, one row after the other and one column after the other, are read a vector at a time.
 */
function pack<T>(
  source: usize,
  rowBytes: usize,
  kBytes: usize,
  rows: i32,
  kc: i32,
  alpha: f64,
  panels: usize,
): void {
  const alphas = f64x2.splat(alpha);
  let to = panels;
  for (let i = 0; i < rows; i += TILE) {
    const from = source + <usize>i * rowBytes;
    if (rows - i < TILE) packFew<T>(from, rowBytes, kBytes, rows - i, kc, alpha, to);
    else if (rowBytes === sizeof<T>()) packAcross<T>(from, kBytes, kc, alphas, to);
    else packAlong<T>(from, rowBytes, kBytes, kc, alphas, to);
    to += <usize>kc * TILE_BYTES;
  }
}

/** Four rows whose entries of equal k are neighbours. */
function packAcross<T>(from: usize, kBytes: usize, kc: i32, alphas: v128, to: usize): void {
  for (let k = 0; k < kc; k++) {
    v128.store(to, f64x2.mul(alphas, pair<T>(from)));
    v128.store(to, f64x2.mul(alphas, pair<T>(from + 2 * sizeof<T>())), 16);
    from += kBytes;
    to += TILE_BYTES;
  }
}

/**
 * Four rows, each of which is contiguous if kBytes is the size of an entry; then two steps of k at a time.
 */
function packAlong<T>(p0: usize, rowBytes: usize, kBytes: usize, kc: i32, alphas: v128, to: usize): void {
  let p1 = p0 + rowBytes;
  let p2 = p1 + rowBytes;
  let p3 = p2 + rowBytes;
  let left = kc;
  if (kBytes === sizeof<T>()) {
    for (; left >= 2; left -= 2) {
      const r0 = f64x2.mul(alphas, pair<T>(p0));
      const r1 = f64x2.mul(alphas, pair<T>(p1));
      const r2 = f64x2.mul(alphas, pair<T>(p2));
      const r3 = f64x2.mul(alphas, pair<T>(p3));
      v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
      v128.store(to, v128.shuffle<f64>(r2, r3, 0, 2), 16);
      v128.store(to, v128.shuffle<f64>(r0, r1, 1, 3), 32);
      v128.store(to, v128.shuffle<f64>(r2, r3, 1, 3), 48);
      p0 += 2 * sizeof<T>();
      p1 += 2 * sizeof<T>();
      p2 += 2 * sizeof<T>();
      p3 += 2 * sizeof<T>();
      to += 2 * TILE_BYTES;
    }
  }
  const alpha = f64x2.extract_lane(alphas, 0);
  for (; left > 0; left--) {
    store<f64>(to, alpha * <f64>load<T>(p0));
    store<f64>(to, alpha * <f64>load<T>(p1), 8);
    store<f64>(to, alpha * <f64>load<T>(p2), 16);
    store<f64>(to, alpha * <f64>load<T>(p3), 24);
    p0 += kBytes;
    p1 += kBytes;
    p2 += kBytes;
    p3 += kBytes;
    to += TILE_BYTES;
  }
}

function packFew<T>(
  from: usize,
  rowBytes: usize,
  kBytes: usize,
  rows: i32,
  kc: i32,
  alpha: f64,
  to: usize,
): void {
  for (let k = 0; k < kc; k++) {
    for (let q = 0; q < TILE; q++) {
      store<f64>(to + ((<usize>q) << 3), q < rows ? alpha * <f64>load<T>(from + <usize>q * rowBytes) : 0);
    }
    from += kBytes;
    to += TILE_BYTES;
  }
}

/** Two neighbouring entries, as doubles. */
// @ts-ignore: decorator
@inline
function pair<T>(at: usize): v128 {
  return sizeof<T>() === 4 ? f64x2.promote_low_f32x4(v128.load64_zero(at)) : v128.load(at);
}

/** C [4, 4] ← (C +) Σ_k a[k][4] ⊗ b[k][4], the sum kept in registers. */
function tile(kc: i32, a: usize, b: usize, c: usize, rowBytes: usize, add: bool): void {
  let c00 = f64x2.splat(0);
  let c02 = c00;
  let c10 = c00;
  let c12 = c00;
  let c20 = c00;
  let c22 = c00;
  let c30 = c00;
  let c32 = c00;
  for (let left = kc; left > 0; left--) {
    const b0 = v128.load(b);
    const b2 = v128.load(b, 16);
    let x = v128.load64_splat(a);
    c00 = madd(x, b0, c00);
    c02 = madd(x, b2, c02);
    x = v128.load64_splat(a, 8);
    c10 = madd(x, b0, c10);
    c12 = madd(x, b2, c12);
    x = v128.load64_splat(a, 16);
    c20 = madd(x, b0, c20);
    c22 = madd(x, b2, c22);
    x = v128.load64_splat(a, 24);
    c30 = madd(x, b0, c30);
    c32 = madd(x, b2, c32);
    a += TILE_BYTES;
    b += TILE_BYTES;
  }
  writeRow(c, c00, c02, add);
  writeRow(c + rowBytes, c10, c12, add);
  writeRow(c + 2 * rowBytes, c20, c22, add);
  writeRow(c + 3 * rowBytes, c30, c32, add);
}

// @ts-ignore: decorator
@inline
function writeRow(c: usize, left: v128, right: v128, add: bool): void {
  if (add) {
    left = f64x2.add(v128.load(c), left);
    right = f64x2.add(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
