/**
 * ../gemm.ts in 128-bit vectors of two doubles, in AssemblyScript. The same products are summed in the same order (ascending inner index, in
 * chunks of KC), with no fused multiply-add, so the bits are the same too; MC and NC only say what is packed when.
 *
 * The 4 × 4 tile takes 8 accumulators, 2 vectors of B and one broadcast of A: what 16 vector registers hold. Unrolling it over the
 * inner index spills.
 */
const TILE: i32 = 4;
const MC: i32 = 96;
const KC: i32 = 256;
const NC: i32 = 1024;
const TILE_BYTES: usize = 32;

/** Bytes of scratch that gemm needs. */
export function gemmScratchBytes(): i32 {
  return 8 * (MC * KC + NC * KC + TILE * TILE);
}

/**
 * C [m, n] ← α·A·B (+ C). `aWidth`, `bWidth`: 4 for float32, 8 for float64. Addresses are in bytes; strides count elements. C is float64 with
 * unit column stride and overlaps neither A, B nor the scratch.
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
  const cRowBytes = <usize>cRow << 3;
  const edge = scratch;
  const aPanels = edge + <usize>(8 * TILE * TILE);
  const bPanels = aPanels + <usize>(8 * MC * KC);

  if (!accumulate) for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cRowBytes, 0, <usize>n << 3);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      const bFrom = b + <usize>pc * bRowBytes + <usize>jc * bColBytes;
      if (bWidth === 4) pack<f32>(bFrom, bColBytes, bRowBytes, nc, kc, 1, bPanels);
      else pack<f64>(bFrom, bColBytes, bRowBytes, nc, kc, 1, bPanels);
      const panelBytes = <usize>kc * 8;
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        if (lowerOnly && jc > ic + mc - 1) continue;
        const aFrom = a + <usize>ic * aRowBytes + <usize>pc * aColBytes;
        if (aWidth === 4) pack<f32>(aFrom, aRowBytes, aColBytes, mc, kc, alpha, aPanels);
        else pack<f64>(aFrom, aRowBytes, aColBytes, mc, kc, alpha, aPanels);
        for (let jr = 0; jr < nc; jr += TILE) {
          const bPanel = bPanels + <usize>jr * panelBytes;
          for (let ir = 0; ir < mc; ir += TILE) {
            if (lowerOnly && jc + jr > ic + ir + TILE - 1) continue;
            const aPanel = aPanels + <usize>ir * panelBytes;
            const at = c + <usize>(ic + ir) * cRowBytes + (<usize>(jc + jr) << 3);
            if (mc - ir >= TILE && nc - jr >= TILE) {
              tile(kc, aPanel, bPanel, at, cRowBytes);
            } else {
              memory.fill(edge, 0, <usize>(8 * TILE * TILE));
              tile(kc, aPanel, bPanel, edge, TILE_BYTES);
              addEdge(edge, at, cRowBytes, min(TILE, mc - ir), min(TILE, nc - jr));
            }
          }
        }
      }
    }
  }
}

function addEdge(edge: usize, c: usize, rowBytes: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = c + <usize>i * rowBytes + (<usize>j << 3);
      store<f64>(at, load<f64>(at) + load<f64>(edge + <usize>i * TILE_BYTES + (<usize>j << 3)));
    }
  }
}

/** Rows in groups of four, each group k-major ([k][4]); the last group is filled up with zeros. */
function pack<T>(source: usize, rowBytes: usize, kBytes: usize, rows: i32, kc: i32, alpha: f64, panels: usize): void {
  let to = panels;
  for (let i = 0; i < rows; i += TILE) {
    let p0 = source + <usize>i * rowBytes;
    const here = rows - i;
    if (here >= TILE) {
      let p1 = p0 + rowBytes;
      let p2 = p1 + rowBytes;
      let p3 = p2 + rowBytes;
      for (let k = 0; k < kc; k++) {
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
    } else {
      for (let k = 0; k < kc; k++) {
        for (let q = 0; q < TILE; q++) {
          store<f64>(to + (<usize>q << 3), q < here ? alpha * <f64>load<T>(p0 + <usize>q * rowBytes) : 0);
        }
        p0 += kBytes;
        to += TILE_BYTES;
      }
    }
  }
}

/** C [4, 4] += Σ_k a[k][4] ⊗ b[k][4], the sum kept in registers. */
function tile(kc: i32, a: usize, b: usize, c: usize, rowBytes: usize): void {
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
    c00 = f64x2.add(c00, f64x2.mul(x, b0));
    c02 = f64x2.add(c02, f64x2.mul(x, b2));
    x = v128.load64_splat(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(x, b0));
    c12 = f64x2.add(c12, f64x2.mul(x, b2));
    x = v128.load64_splat(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(x, b0));
    c22 = f64x2.add(c22, f64x2.mul(x, b2));
    x = v128.load64_splat(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(x, b0));
    c32 = f64x2.add(c32, f64x2.mul(x, b2));
    a += TILE_BYTES;
    b += TILE_BYTES;
  }
  addRow(c, c00, c02);
  addRow(c + rowBytes, c10, c12);
  addRow(c + 2 * rowBytes, c20, c22);
  addRow(c + 3 * rowBytes, c30, c32);
}

// @ts-ignore: decorator
@inline
function addRow(c: usize, left: v128, right: v128): void {
  v128.store(c, f64x2.add(v128.load(c), left));
  v128.store(c, f64x2.add(v128.load(c, 16), right), 16);
}
