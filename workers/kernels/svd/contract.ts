/**
 * The contract of the singular value decomposition: what it takes, what it returns, what it guarantees.
 *
 *     A = U · diag(s) · Vᵀ,   A [rows, cols],  r = min(rows, cols)
 *
 * Input: `a` is float32, row-major, length rows · cols, every value finite. It is only read.
 *
 * Output, all float32 and newly allocated:
 *   u  [rows, r] row-major, orthonormal columns;
 *   s  [r], falling, ≥ 0. A value under 2e-9 · s[0] cannot be told from zero and is returned as exactly 0;
 * vt [r, cols] row-major, orthonormal rows. Where s is 0 the vectors complete the basis; they are
 * orthonormal, and arbitrary.
 *
 * Sign: the entry of largest magnitude in each column of u is positive (the first one where several tie).
 *
 * Determinism: the same input gives the same bytes on every machine and in every engine of the same
 * kernelVersion. Only the IEEE 754 operations +, −, ×, ÷, square root and, under a version that ends in -fma,
 * fused multiply-add are used, on doubles and singles, in a fixed order, the same one with 128-bit vectors
 * and without them; nothing that ECMAScript leaves to the implementation (hypot, sin, exp), no threads, no
 * random numbers. Whether a machine fuses is found out once, at the start (wasm-build.ts), and the two kinds
 * of machine have two kernelVersions: a cache or a recipe that names one is not taken for the other. Vectors
 * that belong to equal or nearly equal singular values are still one choice among many: another
 * kernelVersion, or LAPACK, may rotate them within their common span.
 *
 * Accuracy that the tests hold it to, against float64 LAPACK: ‖A − U diag(s) Vᵀ‖_F ≤ 1e-7 ‖A‖_F; UᵀU and VVᵀ
 * within 1e-6 of I, entry by entry; each s within 1e-6 of its own size, for those above 1e-7 · s[0].
 *
 * Errors, as StudioError:
 *   bad-request  rows or cols not a positive integer, or the length of `a` is not rows · cols;
 *   bad-file     `a` holds NaN or an infinity (details: row, column, value), or s[0] is beyond float32's range.
 *   memory       svdPeakBytes(rows, cols) (memory.ts) is more than can be addressed, or was not to be had (details: value, in bytes);
 *   internal     an iteration did not converge, which would be a fault of the kernel.
 */
export interface ThinSvd {
  readonly u: Float32Array<ArrayBuffer>;
  readonly s: Float32Array<ArrayBuffer>;
  readonly vt: Float32Array<ArrayBuffer>;
}

export type ThinSvdFunction = (a: Float32Array, rows: number, cols: number) => ThinSvd;
