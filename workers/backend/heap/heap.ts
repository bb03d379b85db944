/**
 * Our own WebAssembly (sources in wasm/, compiled into heap-binary.ts) working inside the memory of tfjs's
 * WebAssembly backend: tensors are read and written where they lie, nothing is copied. 128-bit vectors
 * without fused multiply-add, so every machine gives the same bits.
 *
 * WebAssembly checks no bounds within its memory: whoever calls `run` has checked shapes. Addresses are asked
 * for after all outputs have been made and all scratch taken, because either may grow the memory (addresses
 * stay; typed arrays on it do not).
 */
import { backend, getBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { memoryOf, type EmscriptenModule } from './emscripten.ts';
import { memoryFlag, wasmBase64 } from './heap-binary.ts';

/** Addresses in bytes; strides in elements. See the sources for what each promises. */
export interface HeapFunctions {
  gemmScratchBytes(): number;
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aK: number,
    b: number,
    bK: number,
    bColumn: number,
    scale: number,
    c: number,
    cRow: number,
    d: number,
    dRow: number,
    scratch: number,
  ): void;
  setAttention(
    sequences: number,
    spans: number,
    heads: number,
    keyHeads: number,
    width: number,
    causal: number,
    queryCos: number,
    querySin: number,
    keyCos: number,
    keySin: number,
  ): number;
  remember(k: number, v: number, cachedKeys: number, cachedValues: number): void;
  attention(q: number, k: number, v: number, out: number, scratch: number): void;
  attentionGradient(
    q: number,
    k: number,
    v: number,
    dOut: number,
    dq: number,
    dk: number,
    dv: number,
    scratch: number,
  ): void;
  rmsNorm(
    rows: number,
    width: number,
    x: number,
    w: number,
    epsilon: number,
    y: number,
    inverse: number,
  ): void;
  rmsNormGradient(
    rows: number,
    width: number,
    x: number,
    w: number,
    inverse: number,
    dy: number,
    dx: number,
  ): void;
  swiglu(n: number, gate: number, up: number, y: number): void;
  swigluGradient(n: number, gate: number, up: number, dy: number, dGate: number, dUp: number): void;
  /** These two: 0 where a row was out of bounds, else 1. */
  gatherRows(count: number, width: number, limit: number, x: number, rows: number, y: number): number;
  scatterRows(count: number, width: number, limit: number, dy: number, rows: number, dx: number): number;
  columnDots(rows: number, width: number, a: number, b: number, scale: number, out: number): void;
  divergence(
    rows: number,
    shared: number,
    vocabulary: number,
    teacher: number,
    logits: number,
    share: number,
    gradient: number,
  ): number;
}

export class Heap {
  readonly run: HeapFunctions;
  readonly #backend: BackendWasm;
  #scratch = 0;
  #scratchBytes = 0;

  constructor(backendWasm: BackendWasm, run: HeapFunctions) {
    this.#backend = backendWasm;
    this.run = run;
  }

  at({ dataId }: TensorInfo): number {
    return this.#backend.getMemoryOffset(dataId) >>> 0;
  }

  make(shape: number[]): TensorInfo {
    return this.#backend.makeOutput(shape, 'float32');
  }

  floats(tensor: TensorInfo): Float32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  /** At least `bytes` of memory that the next call may use as well. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const module = emscripten(this.#backend);
      if (this.#scratch) module._free(this.#scratch);
      [this.#scratch, this.#scratchBytes] = [0, 0];
      this.#scratch = module._malloc(bytes) >>> 0;
      this.#scratchBytes = bytes;
    }
    return this.#scratch;
  }
}

const heaps = new WeakMap<BackendWasm, Heap | null>();

/**
 * Null where the browser has no vector instructions or a security policy forbids compiling: tfjs's own
 * kernels do it then.
 */
export function heapOf(backendWasm: BackendWasm): Heap | null {
  let heap = heaps.get(backendWasm);
  if (heap === undefined) {
    heap = openHeap(backendWasm);
    heaps.set(backendWasm, heap);
  }
  return heap;
}

/** The heap of the backend in use, or null where it has none. */
export function currentHeap(): Heap | null {
  return getBackend() === 'wasm' ? heapOf(backend() as BackendWasm) : null;
}

const emscripten = (backendWasm: BackendWasm) => backendWasm.wasm as unknown as EmscriptenModule;

function openHeap(backendWasm: BackendWasm): Heap | null {
  const memory = memoryOf(emscripten(backendWasm));
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  const threaded = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  if (threaded) bytes[memoryFlag.at] = memoryFlag.shared;
  if (!WebAssembly.validate(bytes)) return null;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return new Heap(backendWasm, exports as unknown as HeapFunctions);
  } catch {
    return null;
  }
}
