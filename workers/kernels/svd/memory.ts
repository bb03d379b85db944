/**
 * What a decomposition needs at its peak, known from the shape alone and checked before anything is allocated. It is a bound: the passes
 * over weak rows are counted as if every row were weak.
 */
import { StudioError } from '../../../src/core/errors.ts';

/** Addresses in WebAssembly are 32 bits. A page of 64 KiB less, so that one past the end is one of them. */
export const maxSvdBytes = 2 ** 32 - 2 ** 16;

/**
 * Intermediates of thinSvd, r = min(rows, cols), n = max(rows, cols): in float32 the matrix; in float64 W [r, n] and X [r, r]; then, at
 * the worst, a copy of W or the completed rows [r, n], the turn Y [r, r], and the eigenproblem: Gram matrix, reflectors and a merge of three r × r, and
 * the blocks of reflections (at most 256 numbers for each row).
 */
export function svdWorkingBytes(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const matrix = 4 * r * n;
  const rotated = 8 * (r * n + r * r);
  const copy = 8 * (r * n + r * r);
  const eigenproblem = 8 * (5 * r * r + 256 * r);
  const smallThings = 2 ** 16;
  return matrix + rotated + copy + eigenproblem + smallThings;
}

/** All that thinSvd holds at once beside its input: intermediates, results, and the left vectors before they are transposed. */
export function svdPeakBytes(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  return svdWorkingBytes(rows, cols) + 4 * r * (2 * rows + cols + 1);
}

export function checkSvdMemory(rows: number, cols: number): void {
  const bytes = svdPeakBytes(rows, cols);
  if (bytes <= maxSvdBytes) return;
  throw svdMemoryError(rows, cols);
}

export function svdMemoryError(rows: number, cols: number, cause?: unknown): StudioError {
  const bytes = svdPeakBytes(rows, cols);
  const gigabytes = (value: number): string => (value / 2 ** 30).toFixed(2);
  const limit = bytes > maxSvdBytes ? `the kernel can address ${gigabytes(maxSvdBytes)} GiB` : 'this browser did not give it';
  return new StudioError('memory', `Decomposing a ${rows} × ${cols} matrix takes ${gigabytes(bytes)} GiB of memory; ${limit}. Choose smaller models.`, {
    details: { rows, cols, value: bytes },
    cause,
  });
}
