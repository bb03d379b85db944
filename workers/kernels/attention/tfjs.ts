/**
 * Scaled dot-product attention with grouped keys (GQA, Ainslie et al. 2023): head h reads key head ⌊h /
 * (H/KV)⌋. The queries of one group are laid under one another, so that keys and values are never repeated.
 */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Added to a score that must not count. Finite, so that a padding query, which may read nothing, still gives
 * numbers.
 */
const never = -1e9;

/**
 * [B or 1, 1, queries, keys]: 0 where query column i may read key column j, else a large negative number:
 * causal, and nothing reads padding. Query i stands at column keys − queries + i. One row stands for all when
 * none is padded.
 */
export function attentionMask(padding: Int32Array, queries: number, keys: number): tf.Tensor4D {
  const rows = padding.some((count) => count > 0) ? padding.length : 1;
  const mask = new Float32Array(rows * queries * keys);
  for (let row = 0; row < rows; row++) {
    const first = padding[row] ?? 0;
    for (let i = 0; i < queries; i++) {
      const last = keys - queries + i;
      const start = (row * queries + i) * keys;
      mask.fill(never, start, start + Math.min(first, keys));
      mask.fill(never, start + last + 1, start + keys);
    }
  }
  return tf.tensor4d(mask, [rows, 1, queries, keys]);
}

/**
 * `q` [B, H, Tq, hd], already multiplied by hd^−½; `k`, `v` [B, KV, Tk, hd]; `mask` as above or null for none
 * → [B, H, Tq, hd]. Differentiable with respect to q, k and v. Keeps the probabilities for the backward pass:
 * B·H·Tq·Tk floats.
 */
export function attend(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  mask: tf.Tensor4D | null,
): tf.Tensor4D {
  const [batch, heads, queries, width] = q.shape;
  const [, keyHeads, keys] = k.shape;
  const groups = batch * keyHeads;
  const group = (heads / keyHeads) * queries;
  const flat = (x: tf.Tensor, columns: number, last: number) => tf.reshape(x, [groups, columns, last]);

  const operation = tf.customGrad((qIn, kIn, vIn, save) => {
    const [q3, k3, v3] = [
      flat(qIn as tf.Tensor, group, width),
      flat(kIn as tf.Tensor, keys, width),
      flat(vIn as tf.Tensor, keys, width),
    ];
    const scores = tf.reshape(tf.matMul(q3, k3, false, true), [batch, heads, queries, keys]);
    const probabilities = flat(tf.softmax(mask ? tf.add(scores, mask) : scores), group, keys);
    const mixed = tf.matMul(probabilities, v3);
    (save as tf.GradSaveFunc)([q3, k3, v3, probabilities, mixed]);
    return {
      value: tf.reshape(mixed, [batch, heads, queries, width]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [keptQ, keptK, keptV, p, o] = saved as [
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
        ];
        const dO = flat(dy, group, width);
        const dP = tf.matMul(dO, keptV, false, true);
        // softmax: dS = P ⊙ (dP − Σ P ⊙ dP), and that sum is Σ dO ⊙ O, over hd entries instead of Tk.
        const dS = tf.mul(p, tf.sub(dP, tf.sum(tf.mul(dO, o), 2, true))) as tf.Tensor3D;
        return [
          tf.reshape(tf.matMul(dS, keptK), [batch, heads, queries, width]),
          tf.reshape(tf.matMul(dS, keptQ, true, false), [batch, keyHeads, keys, width]),
          tf.reshape(tf.matMul(p, dO, true, false), [batch, keyHeads, keys, width]),
        ];
      },
    };
  });
  return operation(q, k, v) as tf.Tensor4D;
}
