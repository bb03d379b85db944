/** Greedy generation with a cache of keys and values, all rows at once. */
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from './breathe.ts';
import type { GenerateOptions, Linears, TokenBatch } from './contract.ts';
import type { Decoding, Pass } from './pass.ts';

/** What generation needs of a model. */
export interface Steppable {
  decoding(batch: TokenBatch, maxTokens: number): Decoding;
  /** Logits [·, K] of what the pass asks for. */
  through(rows: tf.Tensor2D, pass: Pass, linears: Linears): tf.Tensor2D;
  /** [B] → [B, D] */
  embedIds(ids: Int32Array): tf.Tensor2D;
}

/** Ids of each row up to and without its stop id. Stops when every row has, or after `maxTokens`. */
export async function generateGreedily(
  model: Steppable,
  embedded: tf.Tensor2D,
  batch: TokenBatch,
  linears: Linears,
  { maxTokens, stopIds, signal, onToken }: GenerateOptions,
): Promise<number[][]> {
  const answers = Array.from({ length: batch.rows }, (): number[] => []);
  const newest = new Int32Array(batch.rows);
  let open = [...answers.keys()];
  const decoding = model.decoding(batch, maxTokens);
  try {
    for (let count = 0; count < maxTokens && open.length > 0; count++) {
      let rows: readonly number[] = open;
      const ids = tf.tidy(() => {
        if (count === 0) return tf.argMax(model.through(embedded, decoding.prefill(), linears), 1);
        const step = decoding.advance(open);
        rows = step.rows;
        return tf.argMax(
          model.through(model.embedIds(Int32Array.from(rows, (row) => newest[row] ?? 0)), step.pass, linears),
          1,
        );
      });
      const next = await ids.data<'int32'>().finally(() => ids.dispose());
      rows.forEach((row, i) => (newest[row] = next[i] ?? 0));
      open = open.filter((row) => !stopIds.includes(newest[row] ?? 0));
      for (const row of open) answers[row]?.push(newest[row] ?? 0);
      onToken?.(answers);
      await breathe(signal);
    }
  } finally {
    decoding.dispose();
  }
  return answers;
}
