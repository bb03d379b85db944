/**
 * Plans a decomposition: what is done first with each matrix of a trio, and in what order the matrices that
 * are left follow. Pure.
 */
import type { SlotInfo } from '../../../protocol/session.ts';
import { productFlops } from '../../kernels/svd/product.ts';
import { svdFlops } from '../../kernels/svd/svd.ts';

/** Singular values of a preview: as many as stand out in a task vector, and few enough to cost little. */
export const previewRank = 12;
/** Directions that the sketch takes beside them. */
export const previewOversampling = 8;
/** A preview may cost this share of the exact decomposition. */
const previewShare = 0.08;
/** What is over so quickly needs neither a preview nor a device: about 20 ms. */
const quickFlops = 2e8;

/** A matrix of less than full rank is an adapter's, and comes as a product. */
type Planned = Pick<SlotInfo, 'shape'> & Partial<Pick<SlotInfo, 'rank'>>;

/** Operations of the decomposition. */
export function slotFlops({ shape: [rows, columns], rank = Infinity }: Planned): number {
  return rank < Math.min(rows, columns) ? productFlops(rows, rank, columns) : svdFlops(rows, columns);
}

/**
 * Whether this matrix is so small that the way to the device and back takes longer than its decomposition.
 */
export const staysWithKernel = (slot: Planned): boolean => slotFlops(slot) < quickFlops;

export type FirstLook = 'decompose' | 'preview';

/** Whether a preview of this matrix is worth its cost. Where it is not, the matrix is decomposed at once. */
export function firstLook({ shape: [rows, columns] }: Pick<SlotInfo, 'shape'>): FirstLook {
  const exact = svdFlops(rows, columns);
  // Four products with the sketch: kernels/svd/randomised.ts.
  const sketch = 8 * rows * columns * (previewRank + previewOversampling);
  return exact < quickFlops || sketch > previewShare * exact ? 'decompose' : 'preview';
}

/**
 * Indices of slots, largest matrices first, so that no long one is left for the end, when the other workers
 * have nothing left to do.
 */
export function largestFirst(slots: readonly Planned[], indices: readonly number[]): number[] {
  const flops = slots.map(slotFlops);
  return [...indices].sort((a, b) => (flops[b] as number) - (flops[a] as number) || a - b);
}
