/**
 * Thin singular value decomposition with its matrix products on the tfjs device and its eigenproblem
 * elsewhere (a worker with the float64 kernel). The contract is that of ../svd/contract.ts, determinism
 * excepted: sums are taken in the device's order.
 *
 * Method, for B [r, n] = the matrix with its short side as rows:
 * 1. G = B Bᵀ on the device, split into exact and small parts (split.ts) and added in float64. Its error is
 * about 1e-10 of ‖b_i‖ ‖b_j‖.
 *   2. G = Xᵀ diag(λ) X in float64, by `solveEigen`. X is one side of the result.
 *   3. W = X B on the device, split likewise, which leaves it as exact as float32 can hold it.
 * 4. E = V Vᵀ of V = W at unit length, split likewise. What rows of V have in common comes from the error of
 * G, |e_ij| ≲ 1e-10 σ₁² / (σ_i σ_j), and is
 *      projected out of the weaker row, which moves the product by less than that row's own length times e_ij.
 *   5. σ_i = ‖w_i‖ from the diagonal of E; factors as the kernel finishes them (sorted, signs).
 *
 * Plain float32 products will not do, at any step. From a float32 Gram matrix rows of V lose orthogonality by
 * about 2⁻²⁶ √n σ₁² / (σ_i σ_j) and the smallest σ are wrong, on near-square matrices wholly; and a W summed
 * in float32 misses A by 2⁻²⁶ √r, which is more than the 1e-7 allowed from r = 64 on, even with exact
 * eigenvectors (split.device.test.ts shows it).
 *
 * What is promised is checked before it is returned: E of the final V entry by entry, what the projection
 * cost and what it may have changed in σ (orthogonality.ts), and the product and both sides in float64 along
 * random directions (probe.ts), which would notice a device that computes wrongly. A matrix that fails, or is
 * ill conditioned, is given to the exact kernel whole.
 *
 * Sources: ../svd/rows/orthogonal.ts for the Gram approach; split.ts, probe.ts for theirs.
 */
import type { ThinSvd } from '../svd/contract.ts';
import { factorsFrom } from '../svd/rows/finish.ts';
import { checkShape } from '../svd/rows/input.ts';
import type { SymmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import { orthogonal } from './orthogonality.ts';
import { probe } from './probe.ts';
import { measureShort, type ShortRows } from './short.ts';
import type { DeviceMatrix, DeviceVisits } from './visits.ts';

/** For cache keys, in the place of the kernel's: results differ in their last bits, and between devices. */
export const hybridVersion = 'svd-hybrid-2';

export interface HybridParts {
  readonly device: DeviceVisits;
  /** As ../svd/eigen/symmetric-eigen.ts. The Gram matrix may be moved away: it is not read again. */
  readonly solveEigen: (
    gram: Float64Array<ArrayBuffer>,
    r: number,
  ) => SymmetricEigen | Promise<SymmetricEigen>;
  /** The exact kernel, which also says what is wrong with a matrix that cannot be decomposed. */
  readonly exact: (a: Float32Array, rows: number, cols: number) => ThinSvd | Promise<ThinSvd>;
}

/** Which of the two computed it, and if it was the kernel, why. */
export type HybridSvd = ThinSvd &
  ({ readonly by: 'device' } | { readonly by: 'kernel'; readonly because: Unfit });

export type Unfit =
  | 'small'
  | 'too large for the device'
  | 'zero or not finite'
  | 'ill conditioned'
  | 'the device failed'
  /** Sums that no working device gives. */
  | 'wrong on the device'
  /** The finished factors miss the contract, or come too near to missing it. */
  | 'not exact enough';

/** Below this the rounding of single numbers does not average out, and no device is worth a visit. */
const fewestRows = 16;
/** λ_min / λ_max. At 1e-7 errors of G are 1e-3 of the smallest λ. */
const weakest = 1e-7;

/** Of the 1e-7 allowed for the product, which is 5e-8 from rounding alone. */
const mayMove = 4e-8;
/** Of the 1e-6 allowed for each σ. */
const mayShift = 3e-7;
const mayMiss = 8e-8;
const mayStray = 1e-7;
/** ‖G‖ against ‖B‖, relative: a device that sums as it should is off by 1e-10. */
const mayDiffer = 1e-7;

/** Rejects as the contract says, and with the signal's reason. */
export async function hybridSvd(
  a: Float32Array,
  rows: number,
  cols: number,
  parts: HybridParts,
  signal: AbortSignal,
): Promise<HybridSvd> {
  checkShape(a, rows, cols);
  const short = measureShort(a, rows, cols);
  const found = whyUnfit(short) ?? (await onDevice({ a, short }, parts, signal));
  signal.throwIfAborted();
  if (typeof found !== 'string') return { ...found, by: 'device' };
  return { ...(await parts.exact(a, rows, cols)), by: 'kernel', because: found };
}

function whyUnfit({ r, norm2 }: ShortRows): Unfit | null {
  if (!(norm2 > 0 && norm2 < Infinity)) return 'zero or not finite';
  return r < fewestRows ? 'small' : null;
}

async function onDevice(
  matrix: DeviceMatrix,
  { device, solveEigen }: HybridParts,
  signal: AbortSignal,
): Promise<ThinSvd | Unfit> {
  const { a, short } = matrix;
  const { r, n, rows, cols } = short;
  const gram = await visit(() => device.gram(matrix), signal);
  if (gram === null) return 'too large for the device';
  if (gram === failed) return failed;
  if (!isGramOf(gram, short)) return 'wrong on the device';
  const eigen = await solveEigen(gram, r);
  if (!(eigen.values[0]! > weakest * eigen.values[r - 1]!)) return 'ill conditioned';

  const long = await visit(() => device.longSide(matrix, eigen), signal);
  if (long === failed) return failed;
  const { scales, lengths, first, last } = long;
  // That the rows are not of unit length is no matter of condition.
  if (first.worst === Infinity || last.worst === Infinity) return 'wrong on the device';
  if (last.worst > orthogonal || first.moved > mayMove || first.shifted > mayShift) return 'ill conditioned';
  // The rows are scales[i] · w_i, of length lengths[i]; the kernel wants ‖w_i‖, and unit vectors.
  const v = Float32Array.from(long.rows, (value, at) => value / lengths[Math.floor(at / n)]!);
  const norms = lengths.map((length, i) => length / scales[i]!);
  const svd = factorsFrom({ x: Float32Array.from(eigen.vectors), v, norms }, r, rows, cols, short.scale);
  const { reconstruction, fromOrthonormal } = probe(a, rows, cols, svd, mayMiss);
  return reconstruction <= mayMiss && fromOrthonormal <= mayStray ? svd : 'not exact enough';
}

const failed = 'the device failed';

/**
 * A device that fails is no reason not to decompose; that it failed, its next user is told by
 * backend/failure.ts.
 */
async function visit<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T | typeof failed> {
  signal.throwIfAborted();
  try {
    return await body();
  } catch {
    signal.throwIfAborted();
    return failed;
  }
}

/** Finite, and with the trace it must have. */
function isGramOf(gram: Float64Array, { r, norm2 }: ShortRows): boolean {
  let trace = 0;
  for (let i = 0; i < r; i++) trace += gram[i * r + i]!;
  return Math.abs(trace - norm2) <= mayDiffer * norm2 && gram.every((value) => Number.isFinite(value));
}
