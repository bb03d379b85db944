/** Operations on the WebAssembly heap as tfjs kernels, so that tensors, tidies and the tape know them. */
import {
  engine,
  getKernel,
  registerKernel,
  type NamedTensorMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { currentHeap, heapOf, type Heap } from './heap.ts';

export type HeapInputs = Readonly<Record<string, TensorInfo | undefined>>;
type Numbers = Readonly<Record<string, number>>;

/**
 * What makes the output(s) of one operation; checks shapes itself where they are not the caller's own making.
 */
export type HeapWork<A extends Numbers> = (
  heap: Heap,
  inputs: HeapInputs,
  attributes: A,
) => TensorInfo | TensorInfo[];

/**
 * The operation, or null wherever the heap's functions do not run (another backend, no vector instructions):
 * the caller then composes it of tfjs's own. Not differentiable by itself.
 */
export function heapKernel<A extends Numbers>(
  kernelName: string,
  work: HeapWork<A>,
): () => ((inputs: NamedTensorMap, attributes: A) => Tensor[]) | null {
  const run = (inputs: NamedTensorMap, attributes: A): Tensor[] => {
    const result = engine().runKernel(kernelName, inputs, { ...attributes });
    return Array.isArray(result) ? result : [result];
  };
  return () => {
    if (!currentHeap()) return null;
    // tfjs's registry is global: another copy of this module may have been here before.
    if (!getKernel(kernelName, 'wasm')) {
      registerKernel({
        kernelName,
        backendName: 'wasm',
        kernelFunc: ({ inputs, attrs, backend }) =>
          work(heapOf(backend as BackendWasm) as Heap, inputs, attrs as unknown as A),
      });
    }
    return run;
  };
}
