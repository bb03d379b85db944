/**
 * The finished rows of W = X B (orthogonal.ts) as unit vectors in float32.
 *
 * They are made a few columns at a time, so that the float64 of W is never whole in memory, and are divided
 * by √λ_i as they are rounded: for these rows it differs from ‖w_i‖ by less than 2⁻²⁴ of it. The singular
 * value itself is measured as the norm of w_i, which is better than √λ_i, whose error is ε σ₁² / σ_i.
 *
 * Where single-range.ts allows it, the product is taken in float32: it is most of the work of a wide matrix.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { rowsOf, type View } from '../arithmetic/gemm.ts';
import type { SingleRange } from './single-range.ts';
import { STRIP } from './strip.ts';

export interface Operands {
  /** [r, r] eigenvectors as rows, and the same in float32. */
  readonly x: Float64Array;
  readonly x32: Float32Array;
  /** [r, n] */
  readonly b: View;
  readonly scale: number;
  readonly r: number;
  readonly n: number;
}

/** Rows [first, r) of `v` [r, n] and `norms`, for W = scale · X · B with squares `values` of its norms. */
export function normaliseRows(
  on: Arithmetic,
  operands: Operands,
  values: Float64Array,
  first: number,
  single: SingleRange,
  v: Float32Array,
  norms: Float64Array,
): void {
  const { x, x32, b, scale, r, n } = operands;
  const rows = r - first;
  if (rows === 0) return;
  const strip = on.float64(rows * STRIP);
  const squares = on.float64(rows);
  const factors = on.float64(rows);
  for (let i = 0; i < rows; i++) factors[i] = 1 / Math.sqrt(values[first + i]!);

  const { from, to } = single;
  const singleRows: View = { data: x32, offset: from * r, rowStride: r, colStride: 1 };
  // What the float32 rows of X have in common with the stronger rows: x̂_i · x_j, to be taken out of their
  // product.
  const common = on.float64((to - from) * (r - to));
  on.gemm(
    to - from,
    r - to,
    r,
    singleRows,
    { data: x, offset: to * r, rowStride: 1, colStride: r },
    { data: common, offset: 0, rowStride: r - to },
  );

  for (let j = 0; j < n; j += STRIP) {
    const width = Math.min(STRIP, n - j);
    const columns = { ...b, offset: b.offset + j * b.colStride };
    const stripFrom = (row: number) => ({
      data: strip,
      offset: (row - first) * STRIP,
      rowStride: STRIP,
      colStride: 1,
    });
    on.gemm(from - first, width, r, { ...rowsOf(x, r), offset: first * r }, columns, stripFrom(first), {
      alpha: scale,
    });
    on.gemm(r - to, width, r, { ...rowsOf(x, r), offset: to * r }, columns, stripFrom(to), { alpha: scale });
    if (to > from) {
      on.gemmSingle(to - from, width, r, singleRows, columns, scale, stripFrom(from));
      on.gemm(to - from, width, r - to, rowsOf(common, r - to), stripFrom(to), stripFrom(from), {
        alpha: -1,
        accumulate: true,
      });
    }
    on.scaleToFloat32(rows, width, strip, STRIP, factors, v, first * n + j, n, squares);
  }
  for (let i = 0; i < rows; i++) norms[first + i] = Math.sqrt(squares[i]!);
}
