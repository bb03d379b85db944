/** Greedy generation with a cache of keys and values, all rows at once. */
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from './breathe.ts';
import type { GenerateOptions, Linears, TokenBatch } from './contract.ts';
import type { LayerCache } from './decoder.ts';

/** What generation needs of a model. */
export interface Steppable {
  /** Logits [B, K] of the last column of `rows` [B·T, D], which stand behind `past`; and the cache with them in it. */
  advance(rows: tf.Tensor2D, padding: Int32Array, past: readonly LayerCache[] | null, linears: Linears): { logits: tf.Tensor2D; caches: LayerCache[] };
  /** [B] → [B, D] */
  embedIds(ids: Int32Array): tf.Tensor2D;
}

/** Ids of each row up to and without its stop id. Stops when every row has, or after `maxTokens`. */
export async function generateGreedily(
  model: Steppable,
  embedded: tf.Tensor2D,
  batch: TokenBatch,
  linears: Linears,
  { maxTokens, stopIds, signal }: GenerateOptions,
): Promise<number[][]> {
  const answers = Array.from({ length: batch.rows }, (): number[] => []);
  const open = new Set(answers.keys());
  let caches: LayerCache[] | null = null;
  let next: Int32Array | null = null;
  try {
    for (let count = 0; count < maxTokens && open.size > 0; count++) {
      const ids: tf.Tensor1D = tf.tidy(() => {
        const rows = next ? model.embedIds(next) : embedded;
        const step = model.advance(rows, batch.padding, caches, linears);
        disposeCaches(caches);
        caches = step.caches.map(({ keys, values }) => ({ keys: tf.keep(keys), values: tf.keep(values) }));
        return tf.argMax(step.logits, 1) as tf.Tensor1D;
      });
      next = (await ids.data()) as Int32Array;
      ids.dispose();
      for (const row of open) {
        const id = next[row] ?? 0;
        if (stopIds.includes(id)) open.delete(row);
        else answers[row]?.push(id);
      }
      await breathe(signal);
    }
  } finally {
    disposeCaches(caches);
  }
  return answers;
}

function disposeCaches(caches: readonly LayerCache[] | null): void {
  for (const { keys, values } of caches ?? []) tf.dispose([keys, values]);
}
