/**
 * The wasm side of lowrank: the scaling is done while the right operand is packed, the addition while results
 * are put down.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { heapKernel } from '../../backend/heap/heap-kernel.ts';

/** base [m, n], a [m, k], scale [k], b [k, n] (or [n, k] where transposeB is 1) → base + a·diag(scale)·b. */
export const heapScaledProduct = heapKernel<{ transposeB: number }>(
  'StudioScaledProduct',
  (heap, inputs, { transposeB }) => {
    const [base, a, scale, b] = [
      inputs['base'] as TensorInfo,
      inputs['a'] as TensorInfo,
      inputs['scale'] as TensorInfo,
      inputs['b'] as TensorInfo,
    ];
    const [m = 0, n = 0] = base.shape;
    const k = a.shape[1] ?? 0;
    const out = heap.make([m, n]);
    const scratch = heap.scratch(heap.run.gemmScratchBytes());
    const [bK, bColumn] = transposeB ? [1, k] : [n, 1];
    heap.run.gemm(
      m,
      n,
      k,
      heap.at(a),
      k,
      1,
      heap.at(b),
      bK,
      bColumn,
      heap.at(scale),
      heap.at(out),
      n,
      heap.at(base),
      n,
      scratch,
    );
    return out;
  },
);

/** a, b [R, k], scale [k] → scale ⊙ Σ_rows a ⊙ b, [k]. */
export const heapColumnDots = heapKernel<Record<never, number>>('StudioColumnDots', (heap, inputs) => {
  const [a, b, scale] = [inputs['a'] as TensorInfo, inputs['b'] as TensorInfo, inputs['scale'] as TensorInfo];
  const [rows = 0, width = 0] = a.shape;
  const out = heap.make([width]);
  heap.run.columnDots(rows, width, heap.at(a), heap.at(b), heap.at(scale), heap.at(out));
  return out;
});
