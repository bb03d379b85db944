/**
 * What a decomposition needs at its peak, known from the shape alone and checked before anything is
 * allocated. It is a bound: the passes over weak rows are counted as if every row were weak.
 */
import { StudioError } from '../../../core/errors.ts';
import { reflectorBytes } from './eigen/backtransform.ts';
import { STRIP } from './rows/strip.ts';

/** Addresses in WebAssembly are 32 bits. A page of 64 KiB less, so that one past the end is one of them. */
export const maxSvdBytes = 2 ** 32 - 2 ** 16;

const SMALL_THINGS = 2 ** 16;

/**
 * Intermediates of thinSvd, r = min(rows, cols), n = max(rows, cols). In float32 the matrix, V [r, n] and X
 * [r, r]; in float64 X again; then, at the worst, every row being weak, W [r, n], the turn Y [r, r], strips
 * of W, and the eigenproblem; or, when W has made place for them, the r rows that were known and are
 * completed, and blocks of the reflections that do it, which for a short, wide matrix are the larger part.
 */
export function svdWorkingBytes(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  const n = Math.max(rows, cols);
  const matrixAndV = 8 * r * n;
  const wOrCompleted = 8 * r * n;
  const x = 12 * r * r;
  const turn = 8 * r * r + 8 * r * STRIP + eigenproblemBytes(r);
  return matrixAndV + wOrCompleted + x + Math.max(turn, reflectorBytes(r, n, r)) + SMALL_THINGS;
}

/** Intermediates of symmetricEigen: the eigenproblem and its vectors X [r, r]. */
export function eigenWorkingBytes(r: number): number {
  return 8 * r * r + eigenproblemBytes(r) + SMALL_THINGS;
}

/**
 * Gram matrix, reflectors and a merge of three r × r, and the blocks of reflections (at most 256 numbers for
 * each row).
 */
function eigenproblemBytes(r: number): number {
  return 8 * (5 * r * r + 256 * r);
}

/**
 * Intermediates of randomisedTopK with a sketch of `width` rows: the matrix; six sketches of either length (Ω
 * or Y and their images, W, its copy, the completed rows and the vectors), and the eigenproblem and turns of
 * the small matrix.
 */
export function sketchWorkingBytes(rows: number, cols: number, width: number): number {
  return (
    4 * rows * cols + 8 * width * (6 * (rows + cols) + 2 * width) + eigenproblemBytes(width) + SMALL_THINGS
  );
}

/** All that thinSvd holds at once beside its input: intermediates and results. */
export function svdPeakBytes(rows: number, cols: number): number {
  const r = Math.min(rows, cols);
  return svdWorkingBytes(rows, cols) + 4 * r * (rows + cols + 1);
}

/**
 * All that thinSvdOfProduct holds at once beside its input: the larger of its decompositions, and the factors
 * of both factors with the results.
 */
export function productPeakBytes(rows: number, rank: number, cols: number): number {
  return productWorkingBytes(rows, rank, cols) + 8 * rank * (rows + cols + 2 * rank);
}

/** What the kernel needs for its decompositions, one after another. */
export function productWorkingBytes(rows: number, rank: number, cols: number): number {
  return Math.max(svdWorkingBytes(rows, rank), svdWorkingBytes(rank, cols));
}

export function checkSvdMemory(rows: number, cols: number): void {
  if (svdPeakBytes(rows, cols) > maxSvdBytes) throw svdMemoryError(rows, cols);
}

export function checkEigenMemory(r: number): void {
  if (eigenPeakBytes(r) > maxSvdBytes) throw eigenMemoryError(r);
}

export function checkSketchMemory(rows: number, cols: number, width: number): void {
  if (sketchPeakBytes(rows, cols, width) > maxSvdBytes) throw sketchMemoryError(rows, cols, width);
}

export function svdMemoryError(rows: number, cols: number, cause?: unknown): StudioError {
  return memoryError(`Decomposing a ${rows} × ${cols} matrix`, rows, cols, svdPeakBytes(rows, cols), cause);
}

export function eigenMemoryError(r: number, cause?: unknown): StudioError {
  return memoryError(`The eigenproblem of a ${r} × ${r} matrix`, r, r, eigenPeakBytes(r), cause);
}

export function sketchMemoryError(rows: number, cols: number, width: number, cause?: unknown): StudioError {
  return memoryError(
    `A preview of a ${rows} × ${cols} matrix`,
    rows,
    cols,
    sketchPeakBytes(rows, cols, width),
    cause,
  );
}

function sketchPeakBytes(rows: number, cols: number, width: number): number {
  return sketchWorkingBytes(rows, cols, width) + 4 * width * (2 * rows + cols + 1);
}

/** With the copy of the vectors that is returned. */
function eigenPeakBytes(r: number): number {
  return eigenWorkingBytes(r) + 8 * r * (r + 1);
}

function memoryError(what: string, rows: number, cols: number, bytes: number, cause?: unknown): StudioError {
  const gigabytes = (value: number): string => (value / 2 ** 30).toFixed(2);
  const limit =
    bytes > maxSvdBytes
      ? `the kernel can address ${gigabytes(maxSvdBytes)} GiB`
      : 'this browser did not give it';
  return new StudioError(
    'memory',
    `${what} takes ${gigabytes(bytes)} GiB of memory; ${limit}. Choose smaller models.`,
    {
      details: { rows, cols, value: bytes },
      cause,
    },
  );
}
