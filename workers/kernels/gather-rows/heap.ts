/**
 * The wasm side of gather-rows: tfjs's own gather copies number by number (4 ms where this takes 0.1), and
 * its gradient is missing.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { StudioError } from '../../../core/errors.ts';
import { heapKernel } from '../../backend/heap/heap-kernel.ts';

/** x [R, D], rows int32 [P] → [P, D] */
export const heapGatherRows = heapKernel<Record<never, number>>('StudioGatherRows', (heap, inputs) => {
  const [x, rows] = [inputs['x'] as TensorInfo, inputs['rows'] as TensorInfo];
  const [limit = 0, width = 0] = x.shape;
  const count = rows.shape[0] ?? 0;
  const y = heap.make([count, width]);
  if (!heap.run.gatherRows(count, width, limit, heap.at(x), heap.at(rows), heap.at(y)))
    throw noSuchRow(limit);
  return y;
});

/**
 * dy [P, D], rows int32 [P]; attribute limit R → [R, D]: each row of dy added to the row that it came from.
 */
export const heapScatterRows = heapKernel<{ limit: number }>(
  'StudioScatterRows',
  (heap, inputs, { limit }) => {
    const [dy, rows] = [inputs['dy'] as TensorInfo, inputs['rows'] as TensorInfo];
    const [count = 0, width = 0] = dy.shape;
    const dx = heap.make([limit, width]);
    if (!heap.run.scatterRows(count, width, limit, heap.at(dy), heap.at(rows), heap.at(dx)))
      throw noSuchRow(limit);
    return dx;
  },
);

const noSuchRow = (limit: number) =>
  new StudioError('internal', `A row was asked for that a matrix of ${limit} rows does not have.`);
