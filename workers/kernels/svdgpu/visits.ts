/**
 * What a decomposition wants of a device, which may be in another thread: two visits, each of which leaves
 * nothing there, so that the device serves other matrices while the eigenproblem of this one is solved. Plain
 * values only.
 */
import type { SymmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import type { Orthogonality } from './orthogonality.ts';
import type { ShortRows } from './short.ts';

export interface DeviceMatrix {
  /** [rows, cols], float32, row-major. */
  readonly a: Float32Array;
  readonly short: ShortRows;
}

export interface LongSide {
  /**
   * [r, n] row-major: scales[i] · w_i, the rows of W = X · scale · B with what they had in common taken from
   * the weaker ones.
   */
  readonly rows: Float32Array;
  /** [r], powers of two. */
  readonly scales: Float64Array;
  /** [r], of `rows`. */
  readonly lengths: Float64Array;
  /** Before anything was projected, and of `rows`, which is as far as three projections go. */
  readonly first: Orthogonality;
  readonly last: Orthogonality;
}

/** Both reject when the device fails. */
export interface DeviceVisits {
  /**
   * G = scale² B Bᵀ [r, r] in float64, symmetric, exact to about 1e-10 of the rows' lengths. Null where one
   * such matrix is too large for the device.
   */
  gram(matrix: DeviceMatrix): Promise<Float64Array<ArrayBuffer> | null>;
  /** Rows in the order of `eigen`, ascending. */
  longSide(matrix: DeviceMatrix, eigen: SymmetricEigen): Promise<LongSide>;
}
