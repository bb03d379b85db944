/**
 * Products of matrices that lie inside larger tensors on the WebAssembly heap, without copying: each matrix
 * is made known to tfjs's C++ side under an id of its own for the length of one call.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { MatmulShape } from './shapes.ts';

/** What is used of the Emscripten module; the published types leave these out. */
interface Exports {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _register_tensor(id: number, elements: number, offset: number): void;
  _dispose_data(id: number): void;
  _BatchMatMul(
    a: number,
    aShape: number,
    aRank: number,
    b: number,
    bShape: number,
    bRank: number,
    transposeA: number,
    transposeB: number,
    out: number,
  ): void;
}

/** Ids of views, far from those that tfjs counts up from 1. */
const viewA = 0x7fff_fff0;
const viewB = viewA + 1;
const viewOut = viewA + 2;

export class WasmViews {
  readonly #backend: BackendWasm;
  readonly #wasm: Exports;
  /** Two int32 triples: the shapes of A and of B. */
  readonly #shapes: number;

  constructor(backend: BackendWasm) {
    this.#backend = backend;
    this.#wasm = backend.wasm as unknown as Exports;
    this.#shapes = this.#wasm._malloc(24) >>> 0;
  }

  /** out[i] = left[i] · right[i], matrices [m, k] and [k, n]; an operand with batch 1 is used for every i. */
  multiply(
    left: TensorInfo,
    right: TensorInfo,
    out: TensorInfo,
    { batchA, batchB, m, n, k }: MatmulShape,
  ): void {
    const wasm = this.#wasm;
    const [offsetA, offsetB, offsetOut] = [left, right, out].map(({ dataId }) =>
      this.#backend.getMemoryOffset(dataId),
    ) as [number, number, number];
    // The heap may have grown: a view on it is made anew each time.
    new Int32Array(wasm.HEAPU8.buffer, this.#shapes, 6).set([1, m, k, 1, k, n]);
    const batch = Math.max(batchA, batchB);
    for (let i = 0; i < batch; i++) {
      wasm._register_tensor(viewA, m * k, offsetA + (batchA === 1 ? 0 : 4 * i * m * k));
      // XNNPACK packs B once an id: with one B for the whole batch it stays known until the end.
      if (i === 0 || batchB !== 1) wasm._register_tensor(viewB, k * n, offsetB + 4 * i * k * n);
      wasm._register_tensor(viewOut, m * n, offsetOut + 4 * i * m * n);
      wasm._BatchMatMul(viewA, this.#shapes, 3, viewB, this.#shapes + 12, 3, 0, 0, viewOut);
      wasm._dispose_data(viewA);
      if (i === batch - 1 || batchB !== 1) wasm._dispose_data(viewB);
      wasm._dispose_data(viewOut);
    }
  }
}
