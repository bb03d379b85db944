/**
 * Makes matMul fast on tfjs 4.22's WebAssembly backend.
 *
 * Stock, only an untransposed product of batch 1 reaches XNNPACK; every other form runs in scalar loops
 * (transposed 1024³: 10 to 60 times slower). Two ways out; the result is the same up to float32 rounding:
 * - on one or two threads our own product (heap/), which takes any form as it lies and runs at about 1.3 to
 *   2 times XNNPACK's speed on one thread;
 * - on more, or where that module does not start, XNNPACK with all its threads: a transposed operand is
 *   transposed first, and a batch is multiplied matrix by matrix on views into the WebAssembly heap that copy
 *   nothing.
 */
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { heapOf, type Heap } from '../heap/heap.ts';
import { mendKernel } from '../mend-kernel.ts';
import { matmulShape, type MatmulAttributes, type MatmulShape } from './shapes.ts';
import { transposeLastTwo } from './wasm-transpose.ts';
import { WasmViews } from './wasm-views.ts';

/**
 * Below this many multiplications in one matrix of a batch, the scalar loop beats the cost of a call
 * (measured).
 */
const scalarBelow = 4096;

/** More threads than this, and XNNPACK, which spreads over them, is taken to be faster than our one. */
export const ownProductUpTo = 2;

let ownProduct = false;
const viewsOf = new WeakMap<BackendWasm, WasmViews>();

export function mendWasmMatmul(threads: number): void {
  ownProduct = threads <= ownProductUpTo;
  mendKernel('BatchMatMul', 'wasm', fast);
}

function fast(stock: KernelConfig): KernelFunc {
  return (params) => {
    const attributes = params.attrs as unknown as MatmulAttributes;
    const { a, b } = params.inputs;
    const shape =
      a && b && a.dtype === 'float32' && b.dtype === 'float32' ? matmulShape(a, b, attributes) : null;
    const heap = ownProduct && shape ? heapOf(params.backend as BackendWasm) : null;
    if (heap && a && b && shape) return multiplyOnHeap(heap, a, b, attributes, shape);
    const batch = shape ? Math.max(shape.batchA, shape.batchB) : 0;
    const already = !attributes.transposeA && !attributes.transposeB && batch === 1;
    if (!a || !b || !shape || already || shape.m * shape.n * shape.k < scalarBelow)
      return stock.kernelFunc(params);
    return multiply(params.backend as BackendWasm, a, b, attributes, shape);
  };
}

function multiplyOnHeap(
  heap: Heap,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatmulAttributes,
  { batchA, batchB, m, n, k }: MatmulShape,
): TensorInfo {
  const batch = Math.max(batchA, batchB);
  const out = heap.make([...(batchA >= batchB ? a : b).shape.slice(0, -2), m, n]);
  const scratch = heap.scratch(heap.run.gemmScratchBytes());
  const [atA, atB, atOut] = [heap.at(a), heap.at(b), heap.at(out)];
  const [aRow, aK] = transposeA ? [1, m] : [k, 1];
  const [bK, bColumn] = transposeB ? [1, k] : [n, 1];
  for (let i = 0; i < batch; i++) {
    const left = atA + (batchA === 1 ? 0 : 4 * i * m * k);
    const right = atB + (batchB === 1 ? 0 : 4 * i * k * n);
    heap.run.gemm(m, n, k, left, aRow, aK, right, bK, bColumn, 0, atOut + 4 * i * m * n, n, 0, 0, scratch);
  }
  return out;
}

function multiply(
  backend: BackendWasm,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatmulAttributes,
  shape: MatmulShape,
): TensorInfo {
  const leading = (shape.batchA >= shape.batchB ? a : b).shape.slice(0, -2);
  const outShape = [...leading, shape.m, shape.n];
  if (turnedIsCheaper(transposeA, transposeB, shape)) {
    // (A·Bᵀ)ᵀ = B·Aᵀ: moves the small operand about instead of a large weight.
    const turned = multiply(
      backend,
      b,
      a,
      { transposeA: false, transposeB: true },
      { ...shape, batchA: shape.batchB, batchB: shape.batchA, m: shape.n, n: shape.m },
    );
    const out = transposeLastTwo(backend, {
      ...turned,
      shape: [Math.max(shape.batchA, shape.batchB), shape.n, shape.m],
    });
    backend.disposeData(turned.dataId);
    return { ...out, shape: outShape };
  }
  const left = transposeA ? transposeLastTwo(backend, { ...a, shape: [shape.batchA, shape.k, shape.m] }) : a;
  const right = transposeB ? transposeLastTwo(backend, { ...b, shape: [shape.batchB, shape.n, shape.k] }) : b;
  const out = backend.makeOutput(outShape, 'float32');
  views(backend).multiply(left, right, out, shape);
  if (left !== a) backend.disposeData(left.dataId);
  if (right !== b) backend.disposeData(right.dataId);
  return out;
}

/**
 * Elements moved by transposing B (and packing it), against transposing A (and packing it) and the result.
 */
function turnedIsCheaper(transposeA: boolean, transposeB: boolean, { m, n, k }: MatmulShape): boolean {
  return !transposeA && transposeB && 2 * m * k + m * n < k * n;
}

function views(backend: BackendWasm): WasmViews {
  const known = viewsOf.get(backend);
  if (known) return known;
  const made = new WasmViews(backend);
  viewsOf.set(backend, made);
  return made;
}
