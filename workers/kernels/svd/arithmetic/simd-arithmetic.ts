/**
 * Arithmetic on arrays in the memory of the WebAssembly kernel (simd.ts). WebAssembly checks no bounds within its
 * memory, so every operand is checked here: an array from elsewhere, or an operation that would leave its array, is
 * an `internal` StudioError and not a silent overwrite.
 */
import { StudioError } from '../../../../core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { GemmOptions, Target, View } from './gemm.ts';
import type { Build, Exports } from './wasm-build.ts';

/** Below it lies nothing: address 0 stays unused. */
const BASE = 1024;
const ALIGN = 64;

/** The address from which arrays lie; below it is what the kernel scribbles on. */
export const firstAddress = (run: Exports): number => aligned(BASE + run.scratchBytes());

/**
 * One decomposition's arithmetic. A class, because its methods are then the same functions for every
 * decomposition: an engine keeps what it has learnt of them, where functions made anew each time would be
 * compiled anew.
 */
export class SimdArithmetic implements Arithmetic {
  readonly kind: Build;
  readonly #buffer: ArrayBuffer;
  readonly #run: Exports;
  /**
   * Where arrays may begin, and where the room that was asked for ends, also where an earlier decomposition
   * left more.
   */
  readonly #first: number;
  readonly #end: number;
  #top: number;

  constructor(kind: Build, buffer: ArrayBuffer, run: Exports, end: number) {
    this.kind = kind;
    this.#buffer = buffer;
    this.#run = run;
    this.#end = end;
    this.#top = this.#first = firstAddress(run);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.#buffer, this.#reserve(8 * length), length).fill(0);
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.#buffer, this.#reserve(4 * length), length).fill(0);
  }

  int32(values: readonly number[]): Int32Array {
    const copy = new Int32Array(this.#buffer, this.#reserve(4 * values.length), values.length);
    copy.set(values);
    return copy;
  }

  float32Copy(values: Float32Array): Float32Array {
    const copy = new Float32Array(this.#buffer, this.#reserve(4 * values.length), values.length);
    copy.set(values);
    return copy;
  }

  scope<T>(work: () => T): T {
    const before = this.#top;
    try {
      return work();
    } finally {
      this.#top = before;
    }
  }

  gemm(m: number, n: number, k: number, a: View, b: View, c: Target, options: GemmOptions = {}): void {
    const aAt = this.#viewAddress(a, m, k);
    const bAt = this.#viewAddress(b, k, n);
    const cAt = this.#viewAddress({ ...c, colStride: 1 }, m, n);
    const aWidth = a.data.BYTES_PER_ELEMENT;
    const bWidth = b.data.BYTES_PER_ELEMENT;
    const { alpha = 1, accumulate = false, lowerOnly = false } = options;
    this.#run.gemm(
      m,
      n,
      k,
      aAt,
      aWidth,
      a.rowStride,
      a.colStride,
      bAt,
      bWidth,
      b.rowStride,
      b.colStride,
      cAt,
      c.rowStride,
      alpha,
      Number(accumulate),
      Number(lowerOnly),
      BASE,
    );
  }

  gemmSingle(m: number, n: number, k: number, a: View, b: View, scale: number, c: Target): void {
    const aAt = this.#viewAddress(a, m, k);
    const bAt = this.#viewAddress(b, k, n);
    const cAt = this.#viewAddress({ ...c, colStride: 1 }, m, n);
    if (a.data.BYTES_PER_ELEMENT + b.data.BYTES_PER_ELEMENT !== 8)
      throw new StudioError('internal', 'gemmSingle multiplies float32.');
    this.#run.gemmSingle(
      m,
      n,
      k,
      aAt,
      a.rowStride,
      a.colStride,
      bAt,
      b.rowStride,
      b.colStride,
      scale,
      cAt,
      c.rowStride,
      BASE,
    );
  }

  symmetricTimesVector(
    m: number,
    s: Float64Array,
    at: number,
    stride: number,
    work: Float64Array,
    x: number,
    y: number,
  ): void {
    const from = this.#address(s, at, m === 0 ? 0 : (m - 1) * (stride + 1) + 1);
    this.#run.symmetricTimesVector(m, from, 8 * stride, this.#address(work, x, m), this.#address(work, y, m));
  }

  rowsTimesVector(
    count: number,
    n: number,
    rows: Float64Array,
    rowsAt: number,
    stride: number,
    x: Float64Array,
    xAt: number,
    out: Float64Array,
    outAt: number,
  ): void {
    this.#run.rowsTimesVector(
      count,
      n,
      this.#rowsAddress(rows, rowsAt, stride, count, n),
      8 * stride,
      this.#address(x, xAt, n),
      this.#address(out, outAt, count),
    );
  }

  addRows(
    count: number,
    n: number,
    weights: Float64Array,
    weightsAt: number,
    rows: Float64Array,
    rowsAt: number,
    stride: number,
    y: Float64Array,
    yAt: number,
  ): void {
    this.#run.addRows(
      count,
      n,
      this.#address(weights, weightsAt, count),
      this.#rowsAddress(rows, rowsAt, stride, count, n),
      8 * stride,
      this.#address(y, yAt, n),
    );
  }

  dot(n: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): number {
    return this.#run.dot(n, this.#address(x, xAt, n), this.#address(y, yAt, n));
  }

  axpy(n: number, alpha: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): void {
    this.#run.axpy(n, alpha, this.#address(x, xAt, n), this.#address(y, yAt, n));
  }

  scaleToFloat32(
    rows: number,
    cols: number,
    from: Float64Array,
    fromStride: number,
    factors: Float64Array,
    to: Float32Array,
    toAt: number,
    toStride: number,
    squares: Float64Array,
  ): void {
    this.#run.scaleToFloat32(
      rows,
      cols,
      this.#rowsAddress(from, 0, fromStride, rows, cols),
      8 * fromStride,
      this.#address(factors, 0, rows),
      this.#rowsAddress(to, toAt, toStride, rows, cols),
      4 * toStride,
      this.#address(squares, 0, rows),
    );
  }

  rankOneEigen(
    k: number,
    d: Float64Array,
    z: Float64Array,
    rho: number,
    position: Int32Array,
    roots: Float64Array,
    coefficients: Float64Array,
    scratch: Float64Array,
  ): boolean {
    return (
      this.#run.rankOneEigen(
        k,
        this.#address(d, 0, k),
        this.#address(z, 0, k),
        rho,
        this.#address(position, 0, k),
        this.#address(roots, 0, k),
        this.#address(coefficients, 0, k * k),
        this.#address(scratch, 0, 3 * k),
      ) !== 0
    );
  }

  #reserve(sizeBytes: number): number {
    const start = this.#top;
    this.#top = aligned(start + sizeBytes);
    if (start + sizeBytes > this.#end)
      throw new StudioError(
        'internal',
        `The decomposition needs more than the ${this.#end - this.#first} bytes it asked for.`,
      );
    return start;
  }

  /** Address of data[at], of which `count` numbers will be touched. */
  #address(data: Float64Array | Float32Array | Int32Array, at: number, count: number): number {
    if (data.buffer !== this.#buffer)
      throw new StudioError('internal', 'An array is not in the memory of the kernel.');
    if (count > 0 && !(at >= 0 && at + count <= data.length))
      throw new StudioError(
        'internal',
        `An operation on [${at}, ${at + count}) leaves its array of ${data.length}.`,
      );
    return data.byteOffset + at * data.BYTES_PER_ELEMENT;
  }

  #viewAddress({ data, offset, rowStride, colStride }: View, rows: number, cols: number): number {
    return this.#address(
      data,
      offset,
      rows * cols === 0 ? 0 : (rows - 1) * rowStride + (cols - 1) * colStride + 1,
    );
  }

  #rowsAddress(
    rows: Float64Array | Float32Array,
    at: number,
    stride: number,
    count: number,
    n: number,
  ): number {
    return this.#address(rows, at, count === 0 || n === 0 ? 0 : (count - 1) * stride + n);
  }
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGN) * ALIGN;
}
