/**
 * The Jensen-Shannon divergence (Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on
 * Information Theory 37, 1991), in nats, between 0 and log 2:
 *
 *   JS(P ‖ Q) = ½ KL(P ‖ M) + ½ KL(Q ‖ M),   M = ½ (P + Q)
 *
 * With d = log p − log q and t = tanh(d / 2) = (p − q) / (p + q), one token contributes
 *
 *   ½ ( p log(p / m) + q log(q / m) ) = ½ m φ,   φ = (1 + t) log(1 + t) + (1 − t) log(1 − t) ≥ 0,
 *
 * and the gradient by a logit is q (g − Σ q g) with g = ½ log(q / m) = −½ ( d / 2 + log cosh(d / 2) ). No term of
 * the sum is negative, so nothing cancels where P and Q are nearly equal. φ and log cosh are power series in t²
 * where |d| < 1, and functions of e^−|d| elsewhere, so both keep float32's relative accuracy for every d.
 *
 * The operations are tfjs's own, on every backend. They have no float64; sums over the vocabulary are therefore
 * made in two levels, whose error grows with 2 √V instead of V. Rows are computed a few at a time: beside target,
 * logits and gradient, no more than one further matrix of their size is held.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ToTarget } from './lumped.ts';

/** Elements of the target that are computed at once: about a dozen matrices of this many are on the device. */
const elementsAtOnce = 2 ** 17;

/** Value and gradient with the target held still; for `lumpedBy`, which JS as an f-divergence fits. */
export const jensenShannonToTarget: ToTarget = (target, logits, share) =>
  tf.tidy(() => {
    const [rows, vocabulary] = target.shape;
    const beyond = logits.shape[1] - vocabulary;
    const rowsAtOnce = Math.max(1, Math.floor(elementsAtOnce / vocabulary));
    const values: Scalar[] = [];
    const gradients: Tensor2D[] = [];
    for (let from = 0; from < rows; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - from);
      const [value, gradient] = tf.tidy(() => {
        const part = ofRows(
          tf.slice(target, [from, 0], [count, vocabulary]),
          tf.slice(logits, [from, 0], [count, vocabulary]),
          tf.slice(share, [from], [count]),
        );
        const nothing: [number, number][] = [
          [0, 0],
          [0, beyond],
        ];
        return [part.value, beyond === 0 ? part.gradient : tf.pad(part.gradient, nothing)];
      });
      values.push(value);
      gradients.push(gradient);
    }
    return {
      value: values.length === 1 ? (values[0] as Scalar) : tf.addN(values),
      gradient: gradients.length === 1 ? (gradients[0] as Tensor2D) : tf.concat(gradients, 0),
    };
  });

/**
 * Σ_rows share · JS, differentiable by the student's logits.
 *
 * @param teacher [P, V] log-probabilities
 * @param logits [P, K], K ≥ V: the student's distribution is over the first V, the ids that both know
 * @param share [P]; 0 for rows that do not count
 */
export function jensenShannon(teacher: Tensor2D, logits: Tensor2D, share: Tensor1D): Scalar {
  const operation = tf.customGrad((input, save) => {
    const { value, gradient } = jensenShannonToTarget(teacher, input as Tensor2D, share);
    (save as tf.GradSaveFunc)([gradient]);
    return { value, gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(kept as tf.Tensor, dy) };
  });
  return operation(logits) as Scalar;
}

/** log p and logits [N, V], share [N]. */
function ofRows(
  logP: Tensor2D,
  logits: Tensor2D,
  share: Tensor1D,
): { readonly value: Scalar; readonly gradient: Tensor2D } {
  const logQ = logSoftmax(logits);
  const d = tf.sub(logP, logQ);
  const column = tf.reshape(share, [-1, 1]);
  // ½ m φ with m = ½ (p + q).
  const perRow = tf.tidy(() => sumOfRows(tf.mul(tf.add(tf.exp(logP), tf.exp(logQ)), phiOf(d))));
  const value = tf.mul(tf.sum(tf.mul(perRow, column)), 0.25) as Scalar;
  const g = tf.tidy(() => tf.mul(tf.add(tf.mul(d, 0.5), logCoshOf(d)), -0.5));
  const gradient = tf.tidy(() => {
    const q = tf.exp(logQ);
    const mean = tf.tidy(() => sumOfRows(tf.mul(q, g)));
    return tf.mul(tf.mul(q, tf.sub(g, mean)), column) as Tensor2D;
  });
  return { value, gradient };
}

const logSoftmax = (logits: Tensor2D): tf.Tensor =>
  tf.tidy(() => {
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    return tf.sub(shifted, tf.log(tf.tidy(() => sumOfRows(tf.exp(shifted)))));
  });

/** (1 + t) log(1 + t) + (1 − t) log(1 − t) with t = tanh(d / 2), which is even in d. */
const phiOf = (d: tf.Tensor): tf.Tensor =>
  piecewise(
    d,
    (k) => 1 / (k * (2 * k - 1)),
    (distance, e) =>
      tf.sub(
        2 * Math.LN2,
        tf.mul(tf.add(tf.log(tf.add(e, 1)), tf.div(tf.mul(distance, e), tf.add(e, 1))), 2),
      ),
  );

/** log cosh(d / 2), which is even in d. */
const logCoshOf = (d: tf.Tensor): tf.Tensor =>
  piecewise(
    d,
    (k) => 1 / (2 * k),
    (distance, e) => tf.add(tf.mul(distance, 0.5), tf.sub(tf.log(tf.add(e, 1)), Math.LN2)),
  );

const terms = 10;

/**
 * Where |d| < 1, Σ_k coefficient(k) · tanh(d / 2)^2k, k from 1; elsewhere `far` of |d| and e^−|d|. Ten terms
 * leave less than float32's rounding.
 */
function piecewise(
  d: tf.Tensor,
  coefficient: (k: number) => number,
  far: (distance: tf.Tensor, e: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const distance = tf.abs(d);
    const near = tf.tidy(() => {
      const u = tanhSquared(distance);
      return tf.mul(
        u,
        polynomial(
          u,
          Array.from({ length: terms }, (_, i) => coefficient(i + 1)),
        ),
      );
    });
    const beyond = tf.tidy(() => far(distance, tf.exp(tf.neg(distance))));
    return tf.where(tf.less(distance, 1), near, beyond);
  });
}

/**
 * tanh²(d / 2) for d up to 1, relatively accurate: Lambert's continued fraction, to 10⁻¹¹. A device's own tanh is
 * accurate absolutely, which is not enough near 0.
 */
const tanhSquared = (distance: tf.Tensor): tf.Tensor =>
  tf.tidy(() => {
    const x = tf.mul(tf.minimum(distance, 1), 0.5);
    const x2 = tf.square(x);
    const above = tf.mul(x, polynomial(x2, [10395, 1260, 21]));
    return tf.square(tf.div(above, polynomial(x2, [10395, 4725, 210, 1])));
  });

/** Σ_i coefficients[i] · x^i, by Horner's rule; three matrices at a time. */
function polynomial(x: tf.Tensor, coefficients: readonly number[]): tf.Tensor {
  const [last = 0, ...lower] = coefficients.toReversed();
  return lower.reduce<tf.Tensor>(
    (sum, coefficient) => {
      const next = tf.tidy(() => tf.add(tf.mul(sum, x), coefficient));
      sum.dispose();
      return next;
    },
    tf.fill(x.shape, last),
  );
}

/** Over each row of [N, V], [N, 1]: sums of about √V, and then their sum. */
const sumOfRows = (values: tf.Tensor): tf.Tensor =>
  tf.tidy(() => {
    const [rows = 0, columns = 0] = values.shape;
    const width = Math.ceil(Math.sqrt(columns));
    const blocks = Math.ceil(columns / width);
    const filled = tf.pad(values, [
      [0, 0],
      [0, width * blocks - columns],
    ]);
    return tf.reshape(tf.sum(tf.sum(tf.reshape(filled, [rows, blocks, width]), 2), 1), [rows, 1]);
  });
