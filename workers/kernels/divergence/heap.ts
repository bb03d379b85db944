/** The wasm side of divergence: value and gradient in one pass over the vocabulary. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { heapKernel } from '../../backend/heap/heap-kernel.ts';

/**
 * teacher [P, V] log-probabilities, logits [P, K ≥ V], share [P] → the sum [], its gradient by the logits [P,
 * K].
 */
export const heapDivergence = heapKernel<Record<never, number>>('StudioDivergence', (heap, inputs) => {
  const [teacher, logits, share] = [
    inputs['teacher'] as TensorInfo,
    inputs['logits'] as TensorInfo,
    inputs['share'] as TensorInfo,
  ];
  const [rows = 0, shared = 0] = teacher.shape;
  const [, vocabulary = 0] = logits.shape;
  const [value, gradient] = [heap.make([]), heap.make([rows, vocabulary])];
  const sum = heap.run.divergence(
    rows,
    shared,
    vocabulary,
    heap.at(teacher),
    heap.at(logits),
    heap.at(share),
    heap.at(gradient),
  );
  heap.floats(value)[0] = sum;
  return [value, gradient];
});
