/**
 * Σ_rows share · KL(P_teacher ‖ P_student) in nats (FRISM Eq. 8 with the mean's weights as `share`),
 * differentiable by the student's logits.
 *
 * One pass in WebAssembly; elsewhere tfjs's own operations, whose intermediates are five matrices of the
 * teacher's size.
 */
import * as tf from '@tensorflow/tfjs-core';
import { heapDivergence } from './heap.ts';
import { divergenceByTfjs } from './tfjs.ts';

/**
 * @param teacher [P, V] log-probabilities
 * @param logits [P, K], K ≥ V: the student's distribution is over the first V, the ids that both know
 * @param share [P]; 0 for rows that do not count
 */
export function divergence(teacher: tf.Tensor2D, logits: tf.Tensor2D, share: tf.Tensor1D): tf.Scalar {
  const onHeap = heapDivergence();
  if (!onHeap) return divergenceByTfjs(teacher, logits, share);
  const operation = tf.customGrad((input, save) => {
    const [value, gradient] = onHeap({ teacher, logits: input as tf.Tensor, share }, {}) as [
      tf.Tensor,
      tf.Tensor,
    ];
    (save as tf.GradSaveFunc)([gradient]);
    return { value, gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(kept as tf.Tensor, dy) };
  });
  return operation(logits) as tf.Scalar;
}
