/**
 * Dense matrix product C ← α·A·B (+ C) on float64, blocked for the caches: the one place where most of the
 * time goes.
 *
 * Operands are strided views, so transposes and sub-blocks cost nothing to name; they may be float32, and are
 * widened while they are packed. C is float64 with unit column stride and must not overlap A or B. Every
 * product is summed in ascending order of the inner index, split into chunks of KC, whatever the shape: the
 * result does not depend on where a tile begins. wasm/gemm.ts does the same with vectors, bit for bit.
 *
 * Source: K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3),
 * 2008: B packed into panels that stay in L2/L3, A into panels that stay in L2/L1, a register tile innermost.
 * On V8 a 3×4 tile is 5 % faster in a whole decomposition than this 4×4 one; 4×4 keeps the packing that
 * vector instructions want.
 */

export interface View {
  readonly data: Float64Array | Float32Array;
  /** Index of element (0, 0). */
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/** A whole float64 matrix of rows of `rowStride` numbers. */
export function rowsOf(data: Float64Array, rowStride: number): View {
  return { data, offset: 0, rowStride, colStride: 1 };
}

/** A place to write: float64, unit column stride. */
export interface Target {
  readonly data: Float64Array;
  readonly offset: number;
  readonly rowStride: number;
}

const TILE = 4;
const MC = 96;
const KC = 256;
const NC = 1024;

// Scratch of 2.3 MB, shared by all calls: a call runs to its end before the next one starts, and leaves
// nothing in it that is read.
const aPanels = new Float64Array(MC * KC);
const bPanels = new Float64Array(NC * KC);
const edge = new Float64Array(TILE * TILE);

export interface GemmOptions {
  /** Default 1. */
  readonly alpha?: number;
  /** Add to C instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Only entries on and below the diagonal of C are wanted; those above it are left undefined. */
  readonly lowerOnly?: boolean;
}

/** C [m, n] from A [m, k] and B [k, n]. */
export function gemm(
  m: number,
  n: number,
  k: number,
  a: View,
  b: View,
  c: Target,
  options: GemmOptions = {},
): void {
  const alpha = options.alpha ?? 1;
  const lowerOnly = options.lowerOnly ?? false;
  const accumulate = options.accumulate ?? false;
  if (k === 0 && !accumulate) clear(m, n, c);

  for (let jc = 0; jc < n; jc += NC) {
    const nc = Math.min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = Math.min(KC, k - pc);
      const add = accumulate || pc > 0;
      // B is packed as its transpose, so that both packings are "rows into panels of four".
      pack(
        b.data,
        b.offset + pc * b.rowStride + jc * b.colStride,
        b.colStride,
        b.rowStride,
        nc,
        kc,
        1,
        bPanels,
      );
      for (let ic = 0; ic < m; ic += MC) {
        const mc = Math.min(MC, m - ic);
        if (lowerOnly && jc > ic + mc - 1) continue;
        pack(
          a.data,
          a.offset + ic * a.rowStride + pc * a.colStride,
          a.rowStride,
          a.colStride,
          mc,
          kc,
          alpha,
          aPanels,
        );
        for (let jr = 0; jr < nc; jr += TILE) {
          for (let ir = 0; ir < mc; ir += TILE) {
            if (lowerOnly && jc + jr > ic + ir + TILE - 1) continue;
            const at = c.offset + (ic + ir) * c.rowStride + jc + jr;
            if (mc - ir >= TILE && nc - jr >= TILE) {
              tile(kc, aPanels, ir * kc, bPanels, jr * kc, c.data, at, c.rowStride, add);
            } else {
              tile(kc, aPanels, ir * kc, bPanels, jr * kc, edge, 0, TILE, false);
              writeEdge(edge, c.data, at, c.rowStride, Math.min(TILE, mc - ir), Math.min(TILE, nc - jr), add);
            }
          }
        }
      }
    }
  }
}

function clear(m: number, n: number, c: Target): void {
  for (let i = 0; i < m; i++) {
    const start = c.offset + i * c.rowStride;
    c.data.fill(0, start, start + n);
  }
}

function writeEdge(
  edge: Float64Array,
  c: Float64Array,
  at: number,
  rowStride: number,
  rows: number,
  cols: number,
  add: boolean,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const to = at + i * rowStride + j;
      c[to] = add ? c[to]! + edge[i * TILE + j]! : edge[i * TILE + j]!;
    }
  }
}

/** Rows in groups of four, each group k-major ([k][4]); the last group is filled up with zeros. */
function pack(
  source: Float64Array | Float32Array,
  offset: number,
  rowStride: number,
  kStride: number,
  rows: number,
  kc: number,
  alpha: number,
  panels: Float64Array,
): void {
  let to = 0;
  for (let i = 0; i < rows; i += TILE) {
    const start = offset + i * rowStride;
    const here = Math.min(TILE, rows - i);
    if (here === TILE) {
      let p0 = start;
      let p1 = p0 + rowStride;
      let p2 = p1 + rowStride;
      let p3 = p2 + rowStride;
      for (let k = 0; k < kc; k++) {
        panels[to] = alpha * source[p0]!;
        panels[to + 1] = alpha * source[p1]!;
        panels[to + 2] = alpha * source[p2]!;
        panels[to + 3] = alpha * source[p3]!;
        p0 += kStride;
        p1 += kStride;
        p2 += kStride;
        p3 += kStride;
        to += TILE;
      }
    } else {
      for (let k = 0; k < kc; k++) {
        for (let q = 0; q < TILE; q++)
          panels[to + q] = q < here ? alpha * source[start + q * rowStride + k * kStride]! : 0;
        to += TILE;
      }
    }
  }
}

/** C [4, 4] ← (C +) Σ_k a[k][4] ⊗ b[k][4], the sum kept in registers. */
function tile(
  kc: number,
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  c: Float64Array,
  cAt: number,
  rowStride: number,
  add: boolean,
): void {
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0;
  let c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0;
  let c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0;
  let c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  for (let k = 0; k < kc; k++) {
    const b0 = b[bAt]!;
    const b1 = b[bAt + 1]!;
    const b2 = b[bAt + 2]!;
    const b3 = b[bAt + 3]!;
    let x = a[aAt]!;
    c00 += x * b0;
    c01 += x * b1;
    c02 += x * b2;
    c03 += x * b3;
    x = a[aAt + 1]!;
    c10 += x * b0;
    c11 += x * b1;
    c12 += x * b2;
    c13 += x * b3;
    x = a[aAt + 2]!;
    c20 += x * b0;
    c21 += x * b1;
    c22 += x * b2;
    c23 += x * b3;
    x = a[aAt + 3]!;
    c30 += x * b0;
    c31 += x * b1;
    c32 += x * b2;
    c33 += x * b3;
    aAt += TILE;
    bAt += TILE;
  }
  writeRow(c, cAt, c00, c01, c02, c03, add);
  writeRow(c, cAt + rowStride, c10, c11, c12, c13, add);
  writeRow(c, cAt + 2 * rowStride, c20, c21, c22, c23, add);
  writeRow(c, cAt + 3 * rowStride, c30, c31, c32, c33, add);
}

function writeRow(
  c: Float64Array,
  at: number,
  v0: number,
  v1: number,
  v2: number,
  v3: number,
  add: boolean,
): void {
  c[at] = add ? c[at]! + v0 : v0;
  c[at + 1] = add ? c[at + 1]! + v1 : v1;
  c[at + 2] = add ? c[at + 2]! + v2 : v2;
  c[at + 3] = add ? c[at + 3]! + v3 : v3;
}
