/** The wasm side of swiglu: one pass there, one pass back, nothing kept but the operands. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../backend/matmul/shapes.ts';
import { heapKernel } from '../../backend/heap/heap-kernel.ts';

/** gate, up of one shape → silu(gate) ⊙ up. */
export const heapSwiglu = heapKernel<Record<never, number>>('StudioSwiglu', (heap, inputs) => {
  const [gate, up] = [inputs['gate'] as TensorInfo, inputs['up'] as TensorInfo];
  const y = heap.make([...gate.shape]);
  heap.run.swiglu(sizeOf(gate.shape), heap.at(gate), heap.at(up), heap.at(y));
  return y;
});

/** gate, up, dy of one shape → dGate, dUp. */
export const heapSwigluGradient = heapKernel<Record<never, number>>(
  'StudioSwigluGradient',
  (heap, inputs) => {
    const [gate, up, dy] = [
      inputs['gate'] as TensorInfo,
      inputs['up'] as TensorInfo,
      inputs['dy'] as TensorInfo,
    ];
    const [dGate, dUp] = [heap.make([...gate.shape]), heap.make([...gate.shape])];
    heap.run.swigluGradient(
      sizeOf(gate.shape),
      heap.at(gate),
      heap.at(up),
      heap.at(dy),
      heap.at(dGate),
      heap.at(dUp),
    );
    return [dGate, dUp];
  },
);
