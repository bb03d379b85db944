/**
 * The divergences by which a student's distribution can be compared with a teacher's. A term with a teacher uses
 * the one that the options choose.
 */
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { DistillOptions } from '../../core/objective/options.ts';
import { divergence } from '../kernels/divergence/divergence.ts';
import { jensenShannon, jensenShannonToTarget } from '../kernels/divergence/jensen-shannon.ts';
import { klToTarget, lumpedBy, type LumpedTeacher } from '../kernels/divergence/lumped.ts';

/** Both forms give Σ share · D in nats, differentiable by the student's logits [P, K]; share is [P]. */
export interface Divergence {
  /** @param teacher [P, V] log-probabilities; the student's distribution is over the first V of K ids */
  whole(teacher: Tensor2D, logits: Tensor2D, share: Tensor1D): Scalar;
  /** Over the teacher's most probable tokens and the rest as one. */
  lumped(teacher: LumpedTeacher, logits: Tensor2D, share: Tensor1D): Scalar;
}

const divergences: Readonly<Record<DistillOptions['divergence'], Divergence>> = {
  kl: { whole: divergence, lumped: lumpedBy(klToTarget) },
  js: { whole: jensenShannon, lumped: lumpedBy(jensenShannonToTarget) },
};

export const chosenDivergence = (options: DistillOptions): Divergence => divergences[options.divergence];
