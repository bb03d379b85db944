/**
 * The divergence over k + 1 outcomes: the teacher's k most probable tokens, and all others as one, the rest.
 *
 *   D = Σ_rows share · ( Σ_{i ∈ top} p_i log(p_i / q_i) + p_rest log(p_rest / q_rest) ),    q_rest = Σ_{i ∉ top} q_i
 *
 * A lower bound of the whole divergence (log-sum inequality: Cover and Thomas, Elements of Information
 * Theory, Theorem 2.7.1), equal to it where the student shares the rest out as the teacher does. Hence the
 * way it is computed: let t be the distribution that is p on top and p_rest · q_i / q_rest elsewhere. Then D
 * = KL(t ‖ q), and because D is least in what t says of the rest, its gradient by the logits is that of KL
 * with t held still, share · (q − t).
 *
 * log q_rest is a logsumexp over the logits outside of top, never 1 − Σ_top q. Memory beside the result:
 * about six matrices of the logits' size on the way.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { heapDivergence } from './heap.ts';

/** What a teacher says at P positions over V tokens. */
export interface LumpedTeacher {
  /** [P, k] int32, no token twice in a row. */
  readonly ids: Tensor2D;
  /** [P, k + 1]: log-probabilities of `ids`, and last that of the rest; finite. */
  readonly logProbs: Tensor2D;
  /** V: ids that both know. */
  readonly vocabulary: number;
}

/** Far below every logit, and finite. */
const never = -1e30;

/**
 * Σ_rows share · D(t ‖ q) and its gradient by the logits with t held still. D may be any f-divergence
 * Σ q f(t / q): t / q is the same over the whole rest, so what t shares out there has no influence on D.
 *
 * @param target [P, V] log t
 * @param logits [P, K], K ≥ V: the student's distribution is over the first V; the gradient is [P, K], 0 beyond
 * @param share [P]; 0 for rows that do not count
 */
export type ToTarget = (
  target: Tensor2D,
  logits: Tensor2D,
  share: Tensor1D,
) => { readonly value: Scalar; readonly gradient: Tensor2D };

/**
 * The lumped form of a divergence, differentiable by the student's logits.
 * @param logits [P, K], K ≥ V: the student's distribution is over the first V
 * @param share [P]; 0 for rows that do not count
 */
export const lumpedBy =
  (toTarget: ToTarget) =>
  (teacher: LumpedTeacher, logits: Tensor2D, share: Tensor1D): Scalar => {
    const operation = tf.customGrad((input, save) => {
      const { value, gradient } = tf.tidy(() => {
        const own = tf.slice(input as Tensor2D, [0, 0], [logits.shape[0], teacher.vocabulary]);
        return toTarget(sharedOut(teacher, own), input as Tensor2D, share);
      });
      (save as tf.GradSaveFunc)([gradient]);
      return { value, gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(kept as tf.Tensor, dy) };
    });
    return operation(logits) as Scalar;
  };

/** KL(t ‖ q), one pass in WebAssembly. */
export const klToTarget: ToTarget = (target, logits, share) => {
  const onHeap = heapDivergence();
  if (onHeap) {
    const [value, gradient] = onHeap({ teacher: target, logits, share }, {}) as [Scalar, Tensor2D];
    return { value, gradient };
  }
  const [positions, vocabulary] = target.shape;
  const own = tf.slice(logits, [0, 0], [positions, vocabulary]);
  const [t, logQ] = [tf.exp(target), tf.logSoftmax(own)];
  const value = tf.sum(tf.mul(tf.sum(tf.mul(t, tf.sub(target, logQ)), 1), share)) as Scalar;
  const gradient = tf.mul(tf.sub(tf.exp(logQ), t), tf.reshape(share, [positions, 1])) as Tensor2D;
  return {
    value,
    gradient: tf.pad(gradient, [
      [0, 0],
      [0, logits.shape[1] - vocabulary],
    ]),
  };
};

/** log t, [P, V]. */
function sharedOut({ ids, logProbs, vocabulary }: LumpedTeacher, own: Tensor2D): Tensor2D {
  const [positions, k] = ids.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(tf.range(0, positions, 1, 'int32'), [positions, 1, 1]);
    const places = tf.reshape(tf.concat([tf.tile(rows, [1, k, 1]), tf.reshape(ids, [positions, k, 1])], 2), [
      positions * k,
      2,
    ]);
    const spread = (values: tf.Tensor) =>
      tf.scatterND(places, tf.reshape(values, [positions * k]), [positions, vocabulary]) as Tensor2D;
    const isTop = spread(tf.ones([positions, k]));
    const top = spread(tf.slice(logProbs, [0, 0], [positions, k]));
    const rest = tf.add(own, tf.mul(isTop, never)) as Tensor2D;
    const logRest = tf.sub(tf.slice(logProbs, [0, k], [positions, 1]), logSumExp(rest));
    return tf.add(top, tf.mul(tf.add(own, logRest), tf.sub(1, isTop))) as Tensor2D;
  });
}

/** Over each row, [P, 1]. */
function logSumExp(x: Tensor2D): Tensor2D {
  const highest = tf.max(x, 1, true);
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, highest)), 1, true)), highest) as Tensor2D;
}
