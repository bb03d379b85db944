/** The wasm side of rms-norm: one pass there, one pass back. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { heapKernel } from '../../backend/heap/heap-kernel.ts';

/** x [R, D], w [D]; attribute epsilon → y [R, D], inverse [R] (1/√(mean(x²) + ε), for the gradient). */
export const heapRmsNorm = heapKernel<{ epsilon: number }>('StudioRmsNorm', (heap, inputs, { epsilon }) => {
  const [x, w] = [inputs['x'] as TensorInfo, inputs['w'] as TensorInfo];
  const [rows = 0, width = 0] = x.shape;
  const [y, inverse] = [heap.make([rows, width]), heap.make([rows])];
  heap.run.rmsNorm(rows, width, heap.at(x), heap.at(w), epsilon, heap.at(y), heap.at(inverse));
  return [y, inverse];
});

/** x, w, inverse as above, dy [R, D] → dx [R, D]. */
export const heapRmsNormGradient = heapKernel<Record<never, number>>(
  'StudioRmsNormGradient',
  (heap, inputs) => {
    const [x, w, inverse, dy] = [
      inputs['x'] as TensorInfo,
      inputs['w'] as TensorInfo,
      inputs['inverse'] as TensorInfo,
      inputs['dy'] as TensorInfo,
    ];
    const [rows = 0, width = 0] = x.shape;
    const dx = heap.make([rows, width]);
    heap.run.rmsNormGradient(rows, width, heap.at(x), heap.at(w), heap.at(inverse), heap.at(dy), heap.at(dx));
    return dx;
  },
);
