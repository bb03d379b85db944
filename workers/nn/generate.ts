/** Greedy generation with a cache of keys and values, all rows at once. */
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from './breathe.ts';
import type { GenerateOptions, Linears, TokenBatch } from './contract.ts';
import { chooseToken } from './choose-token.ts';
import { asStored, logitsNotFinite } from './finite-logits.ts';
import type { Decoding, Pass } from './pass.ts';

/** What generation needs of a model. */
export interface Steppable {
  decoding(batch: TokenBatch, maxTokens: number): Decoding;
  /** Logits [·, K] of what the pass asks for. */
  through(rows: tf.Tensor2D, pass: Pass, linears: Linears): tf.Tensor2D;
  /** [B] → [B, D] */
  embedIds(ids: Int32Array): tf.Tensor2D;
}

/**
 * Ids of each row up to and without its stop id. Stops when every row has, or after `maxTokens`.
 *
 * @throws StudioError `bad-file` where the logits of a step are not all finite
 */
export async function generateGreedily(
  model: Steppable,
  embedded: tf.Tensor2D,
  batch: TokenBatch,
  linears: Linears,
  { maxTokens, stopIds, rules = null, named = asStored('the model'), signal, onToken }: GenerateOptions,
): Promise<number[][]> {
  const answers = Array.from({ length: batch.rows }, (): number[] => []);
  const newest = new Int32Array(batch.rows);
  const prompts = rules ? promptsOf(batch) : [];
  /**
   * [rows, 2]: the likeliest id, exact as float32, and the sum of the logits, which is finite only where all of
   * them are. Where rules choose, the logits [rows, K].
   */
  const outcome = (logits: tf.Tensor2D): tf.Tensor =>
    rules ? logits : tf.stack([tf.cast(tf.argMax(logits, 1), 'float32'), tf.sum(logits, 1)], 1);
  let open = [...answers.keys()];
  const decoding = model.decoding(batch, maxTokens);
  try {
    for (let count = 0; count < maxTokens && open.length > 0; count++) {
      let rows: readonly number[] = open;
      const made = tf.tidy(() => {
        if (count === 0) return outcome(model.through(embedded, decoding.prefill(), linears));
        const step = decoding.advance(open);
        rows = step.rows;
        return outcome(
          model.through(model.embedIds(Int32Array.from(rows, (row) => newest[row] ?? 0)), step.pass, linears),
        );
      });
      const next = await made.data().finally(() => made.dispose());
      const width = next.length / rows.length;
      if (!next.every(Number.isFinite)) throw logitsNotFinite(named);
      rows.forEach((row, i) => {
        if (!rules) {
          newest[row] = next[i * width] ?? 0;
          return;
        }
        const answer = answers[row] ?? [];
        const scores = Float32Array.from(next.subarray(i * width, (i + 1) * width));
        const before = [...(prompts[row] ?? []), ...answer];
        newest[row] = chooseToken({ ...rules, stopIds }, scores, before, answer.length);
      });
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

/** Ids of each row without its padding. */
function promptsOf({ ids, rows, columns, padding }: TokenBatch): number[][] {
  return Array.from({ length: rows }, (_, row) => [
    ...ids.subarray(row * columns + (padding[row] ?? 0), (row + 1) * columns),
  ]);
}
