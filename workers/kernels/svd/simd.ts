/**
 * Arithmetic in WebAssembly with 128-bit vectors (sources in wasm/), in two builds. The `simd` one rounds every product and every sum, and
 * gives bit for bit what plain.ts gives. The `fused` one has multiply-adds that round once, where the engine knows relaxed SIMD and the processor
 * fuses (wasmBuild.ts): faster on most processors, as accurate, and its last bits differ, but they are the same on all such machines, for a
 * fused multiply-add is an operation of IEEE 754 too. kernelVersion (svd.ts) says which of the two sets of bits this machine gives.
 *
 * One instance, whose memory is kept for the next decomposition: it grows when more is needed, before a
 * decomposition starts and never during one, because growing invalidates every array in it. WebAssembly memory does not shrink;
 * `releaseSimd` drops it whole.
 *
 * WebAssembly checks no bounds within its memory, so every operand is checked here: an array from elsewhere, or an operation that would
 * leave its array, is an `internal` StudioError and not a silent overwrite.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { View } from './gemm.ts';
import { bestBuild, type Build, type Exports, type Instance, instantiate } from './wasmBuild.ts';

const PAGE = 2 ** 16;
/** Below it lies nothing: address 0 stays unused. */
const BASE = 1024;
const ALIGN = 64;

let kept: { readonly build: Build; readonly instance: Instance } | undefined;

/**
 * Arithmetic with room for `bytes` of arrays, empty; null where there are no 128-bit vectors. What an earlier call returned must no
 * longer be used. Throws RangeError when the memory cannot be had. `build` is for tests.
 */
export function openSimd(bytes: number, build: Build | null = bestBuild()): Arithmetic | null {
  if (!build) return null;
  if (kept?.build !== build) kept = { build, instance: instantiate(build) };
  const { memory, run } = kept.instance;
  const end = aligned(BASE + run.scratchBytes()) + bytes;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return arithmeticIn(build, memory.buffer, run, end);
}

/** Gives the memory back. The next decomposition takes new memory. */
export function releaseSimd(): void {
  kept = undefined;
}

/** What is held now. */
export function simdMemoryBytes(): number {
  return kept?.instance.memory.buffer.byteLength ?? 0;
}

/** `end`: where the room that was asked for ends, also where an earlier decomposition left more. */
function arithmeticIn(kind: Build, buffer: ArrayBuffer, run: Exports, end: number): Arithmetic {
  const scratch = BASE;
  const first = aligned(BASE + run.scratchBytes());
  let top = first;

  const reserve = (sizeBytes: number): number => {
    const start = top;
    top = aligned(top + sizeBytes);
    if (start + sizeBytes > end) throw new StudioError('internal', `The decomposition needs more than the ${end - first} bytes it asked for.`);
    return start;
  };
  /** Address of data[at], of which `count` numbers will be touched. */
  const address = (data: Float64Array | Float32Array | Int32Array, at: number, count: number): number => {
    if (data.buffer !== buffer) throw new StudioError('internal', 'An array is not in the memory of the kernel.');
    if (count > 0 && !(at >= 0 && at + count <= data.length)) throw new StudioError('internal', `An operation on [${at}, ${at + count}) leaves its array of ${data.length}.`);
    return data.byteOffset + at * data.BYTES_PER_ELEMENT;
  };
  const viewAddress = ({ data, offset, rowStride, colStride }: View, rows: number, cols: number): number =>
    address(data, offset, rows * cols === 0 ? 0 : (rows - 1) * rowStride + (cols - 1) * colStride + 1);

  const rowsAddress = (rows: Float64Array | Float32Array, at: number, stride: number, count: number, n: number): number =>
    address(rows, at, count === 0 || n === 0 ? 0 : (count - 1) * stride + n);

  return {
    kind,
    float64: (length) => new Float64Array(buffer, reserve(8 * length), length).fill(0),
    float32: (length) => new Float32Array(buffer, reserve(4 * length), length).fill(0),
    int32: (values) => {
      const copy = new Int32Array(buffer, reserve(4 * values.length), values.length);
      copy.set(values);
      return copy;
    },
    float32Copy: (values) => {
      const copy = new Float32Array(buffer, reserve(4 * values.length), values.length);
      copy.set(values);
      return copy;
    },
    scope: (work) => {
      const before = top;
      try {
        return work();
      } finally {
        top = before;
      }
    },
    gemm: (m, n, k, a, b, c, options = {}) => {
      const aAt = viewAddress(a, m, k);
      const bAt = viewAddress(b, k, n);
      const cAt = viewAddress({ ...c, colStride: 1 }, m, n);
      const aWidth = a.data.BYTES_PER_ELEMENT;
      const bWidth = b.data.BYTES_PER_ELEMENT;
      const { alpha = 1, accumulate = false, lowerOnly = false } = options;
      run.gemm(
        m, n, k,
        aAt, aWidth, a.rowStride, a.colStride,
        bAt, bWidth, b.rowStride, b.colStride,
        cAt, c.rowStride,
        alpha, Number(accumulate), Number(lowerOnly), scratch,
      );
    },
    gemmSingle: (m, n, k, a, b, scale, c) => {
      const aAt = viewAddress(a, m, k);
      const bAt = viewAddress(b, k, n);
      const cAt = viewAddress({ ...c, colStride: 1 }, m, n);
      if (a.data.BYTES_PER_ELEMENT + b.data.BYTES_PER_ELEMENT !== 8) throw new StudioError('internal', 'gemmSingle multiplies float32.');
      run.gemmSingle(m, n, k, aAt, a.rowStride, a.colStride, bAt, b.rowStride, b.colStride, scale, cAt, c.rowStride, scratch);
    },
    symmetricTimesVector: (m, s, at, stride, work, x, y) => {
      const from = address(s, at, m === 0 ? 0 : (m - 1) * (stride + 1) + 1);
      run.symmetricTimesVector(m, from, 8 * stride, address(work, x, m), address(work, y, m));
    },
    rowsTimesVector: (count, n, rows, rowsAt, stride, x, xAt, out, outAt) =>
      run.rowsTimesVector(count, n, rowsAddress(rows, rowsAt, stride, count, n), 8 * stride, address(x, xAt, n), address(out, outAt, count)),
    addRows: (count, n, weights, weightsAt, rows, rowsAt, stride, y, yAt) =>
      run.addRows(count, n, address(weights, weightsAt, count), rowsAddress(rows, rowsAt, stride, count, n), 8 * stride, address(y, yAt, n)),
    dot: (n, x, xAt, y, yAt) => run.dot(n, address(x, xAt, n), address(y, yAt, n)),
    axpy: (n, alpha, x, xAt, y, yAt) => run.axpy(n, alpha, address(x, xAt, n), address(y, yAt, n)),
    scaleToFloat32: (rows, cols, from, fromStride, factors, to, toAt, toStride, squares) =>
      run.scaleToFloat32(
        rows, cols, rowsAddress(from, 0, fromStride, rows, cols), 8 * fromStride,
        address(factors, 0, rows), rowsAddress(to, toAt, toStride, rows, cols), 4 * toStride, address(squares, 0, rows),
      ),
    rankOneEigen: (k, d, z, rho, position, roots, coefficients, scratch) =>
      run.rankOneEigen(
        k, address(d, 0, k), address(z, 0, k), rho,
        address(position, 0, k), address(roots, 0, k), address(coefficients, 0, k * k), address(scratch, 0, 3 * k),
      ) !== 0,
  };
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGN) * ALIGN;
}
