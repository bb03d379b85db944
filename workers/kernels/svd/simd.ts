/**
 * Arithmetic in WebAssembly with 128-bit vectors (sources in wasm/, compiled into wasmBinary.ts). Bit for bit what plain.ts gives.
 *
 * One module, compiled once, and one instance whose memory is kept for the next decomposition: it grows when more is needed, before a
 * decomposition starts and never during one, because growing invalidates every array in it. WebAssembly memory does not shrink;
 * `releaseSimd` drops it whole.
 *
 * WebAssembly checks no bounds within its memory, so every operand is checked here: an array from elsewhere, or an operation that would
 * leave its array, is an `internal` StudioError and not a silent overwrite.
 */
import { StudioError } from '../../../src/core/errors.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { View } from './gemm.ts';
import { wasmBase64 } from './wasmBinary.ts';

const PAGE = 2 ** 16;
/** Below it lies nothing: address 0 stays unused. */
const BASE = 1024;
const ALIGN = 64;

interface Exports {
  gemmScratchBytes(): number;
  gemm(
    m: number, n: number, k: number,
    a: number, aWidth: number, aRow: number, aCol: number,
    b: number, bWidth: number, bRow: number, bCol: number,
    c: number, cRow: number,
    alpha: number, accumulate: number, lowerOnly: number, scratch: number,
  ): void;
  symmetricTimesVector(m: number, s: number, strideBytes: number, x: number, y: number): void;
  dot(n: number, x: number, y: number): number;
  axpy(n: number, alpha: number, x: number, y: number): void;
  axpy2(n: number, alpha: number, x: number, beta: number, y: number, z: number): void;
  poleSums(n: number, weights: number, poles: number, t: number, sums: number): void;
  timesRatios(n: number, z: number, x: number, poles: number, t: number): void;
  quotients(n: number, x: number, y: number, z: number): void;
}

interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly run: Exports;
}

let compiled: WebAssembly.Module | null | undefined;
let instance: Instance | undefined;

/**
 * Arithmetic with room for `bytes` of arrays, empty; null where the module does not validate. What an earlier call returned must no
 * longer be used. Throws RangeError when the memory cannot be had.
 */
export function openSimd(bytes: number): Arithmetic | null {
  compiled ??= compile();
  if (!compiled) return null;
  instance ??= instantiate(compiled);
  const { memory, run } = instance;
  const end = aligned(BASE + run.gemmScratchBytes()) + bytes;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return arithmeticIn(memory.buffer, run, end);
}

/** Gives the memory back. The next decomposition takes new memory. */
export function releaseSimd(): void {
  instance = undefined;
}

/** What is held now. */
export function simdMemoryBytes(): number {
  return instance?.memory.buffer.byteLength ?? 0;
}

function compile(): WebAssembly.Module | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    return null; // a page whose security policy forbids compiling
  }
}

function instantiate(module: WebAssembly.Module): Instance {
  const memory = new WebAssembly.Memory({ initial: 1 });
  // The names are those of wasm/kernel.ts; a test compares that file's build with the module embedded here.
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  return { memory, run };
}

/** `end`: where the room that was asked for ends, also where an earlier decomposition left more. */
function arithmeticIn(buffer: ArrayBuffer, run: Exports, end: number): Arithmetic {
  const scratch = BASE;
  const first = aligned(BASE + run.gemmScratchBytes());
  let top = first;

  const reserve = (sizeBytes: number): number => {
    const start = top;
    top = aligned(top + sizeBytes);
    if (start + sizeBytes > end) throw new StudioError('internal', `The decomposition needs more than the ${end - first} bytes it asked for.`);
    return start;
  };
  /** Address of data[at], of which `count` numbers will be touched. */
  const address = (data: Float64Array | Float32Array, at: number, count: number): number => {
    if (data.buffer !== buffer) throw new StudioError('internal', 'An array is not in the memory of the kernel.');
    if (count > 0 && !(at >= 0 && at + count <= data.length)) throw new StudioError('internal', `An operation on [${at}, ${at + count}) leaves its array of ${data.length}.`);
    return data.byteOffset + at * data.BYTES_PER_ELEMENT;
  };
  const viewAddress = ({ data, offset, rowStride, colStride }: View, rows: number, cols: number): number =>
    address(data, offset, rows * cols === 0 ? 0 : (rows - 1) * rowStride + (cols - 1) * colStride + 1);

  return {
    kind: 'simd',
    float64: (length) => new Float64Array(buffer, reserve(8 * length), length).fill(0),
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
    symmetricTimesVector: (m, s, at, stride, work, x, y) => {
      const from = address(s, at, m === 0 ? 0 : (m - 1) * (stride + 1) + 1);
      run.symmetricTimesVector(m, from, 8 * stride, address(work, x, m), address(work, y, m));
    },
    dot: (n, x, xAt, y, yAt) => run.dot(n, address(x, xAt, n), address(y, yAt, n)),
    axpy: (n, alpha, x, xAt, y, yAt) => run.axpy(n, alpha, address(x, xAt, n), address(y, yAt, n)),
    axpy2: (n, alpha, x, xAt, beta, y, yAt, z, zAt) => run.axpy2(n, alpha, address(x, xAt, n), beta, address(y, yAt, n), address(z, zAt, n)),
    poleSums: (n, weights, weightsAt, poles, polesAt, t, sums) =>
      run.poleSums(n, address(weights, weightsAt, n), address(poles, polesAt, n), t, address(sums, 0, 2)),
    timesRatios: (n, z, zAt, x, xAt, poles, polesAt, t) => run.timesRatios(n, address(z, zAt, n), address(x, xAt, n), address(poles, polesAt, n), t),
    quotients: (n, x, y, yAt, z) => run.quotients(n, address(x, 0, n), address(y, yAt, n), address(z, 0, n)),
  };
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGN) * ALIGN;
}
