/**
 * Symmetric matrix × vector from the lower triangle (BLAS dsymv): half the time of a tridiagonalisation. It
 * waits for memory, so each entry is read once and used for both its places, four rows a sweep.
 *
 * Bits: the four rows of a sweep sum even and odd columns apart; changing that changes the kernel's version.
 */

/**
 * y ← S x for S [m, m] whose lower triangle starts at `at` with row stride `stride`. x and y lie in `work`,
 * without overlap.
 */
export function symmetricTimesVector(
  m: number,
  s: Float64Array,
  at: number,
  stride: number,
  work: Float64Array,
  x: number,
  y: number,
): void {
  work.fill(0, y, y + m);
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let r0 = at + i * stride;
    let r1 = r0 + stride;
    let r2 = r1 + stride;
    let r3 = r2 + stride;
    const x0 = work[x + i]!;
    const x1 = work[x + i + 1]!;
    const x2 = work[x + i + 2]!;
    const x3 = work[x + i + 3]!;
    let y0 = 0,
      y1 = 0,
      y2 = 0,
      y3 = 0;
    let z0 = 0,
      z1 = 0,
      z2 = 0,
      z3 = 0;
    for (let c = 0; c < i; c += 2) {
      const xc = work[x + c]!;
      let s0 = s[r0]!;
      let s1 = s[r1]!;
      let s2 = s[r2]!;
      let s3 = s[r3]!;
      y0 += s0 * xc;
      y1 += s1 * xc;
      y2 += s2 * xc;
      y3 += s3 * xc;
      work[y + c]! += s0 * x0 + s1 * x1 + (s2 * x2 + s3 * x3);
      const xd = work[x + c + 1]!;
      s0 = s[r0 + 1]!;
      s1 = s[r1 + 1]!;
      s2 = s[r2 + 1]!;
      s3 = s[r3 + 1]!;
      z0 += s0 * xd;
      z1 += s1 * xd;
      z2 += s2 * xd;
      z3 += s3 * xd;
      work[y + c + 1]! += s0 * x0 + s1 * x1 + (s2 * x2 + s3 * x3);
      r0 += 2;
      r1 += 2;
      r2 += 2;
      r3 += 2;
    }
    work[y + i]! += y0 + z0;
    work[y + i + 1]! += y1 + z1;
    work[y + i + 2]! += y2 + z2;
    work[y + i + 3]! += y3 + z3;
    for (let r = i; r < i + 4; r++) lowerRow(r, i, s, at + r * stride, work, x, y);
  }
  for (; i < m; i++) lowerRow(i, 0, s, at + i * stride, work, x, y);
}

/** Entries (row, from … row) of the lower triangle and their mirror images. */
function lowerRow(
  row: number,
  from: number,
  s: Float64Array,
  rowAt: number,
  work: Float64Array,
  x: number,
  y: number,
): void {
  const xr = work[x + row]!;
  let sum = 0;
  for (let c = from; c < row; c++) {
    const value = s[rowAt + c]!;
    sum += value * work[x + c]!;
    work[y + c]! += value * xr;
  }
  work[y + row]! += sum + s[rowAt + row]! * xr;
}
