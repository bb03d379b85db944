/**
 * A teacher's distributions at the answer positions of a set of items. The teacher's weights are frozen, so
 * the teacher is asked once and what it says is kept in float32. Whole distributions are kept as long as they
 * fit `keptDistributionBytes`; where they do not, the teacher is asked again for each batch. With
 * `teacherTopK` the k most probable tokens and all others as one outcome are always kept, in 8 k + 4 bytes a
 * position.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { keptDistributionBytes, taughtLogitBytes, taughtTogether } from '../../core/memory/batches.ts';
import { throwIfDeviceFailed } from '../backend/failure.ts';
import { allFinite } from '../merge/finite.ts';
import { breathe } from '../nn/breathe.ts';
import { logitsNotFinite } from '../nn/finite-logits.ts';
import { checkCancelled } from './cancel.ts';
import type { Divergence } from './divergences.ts';
import { embedRows, type Asked } from './generate-all.ts';
import { assemble, type TeachingItem } from './teaching.ts';
import { logOfNothing, topK, type TopK } from './top-k.ts';

/** Student's logits [P, K], share [P] → Σ share · divergence, differentiable by the logits. */
export type Compare = (logits: Tensor2D, share: Tensor1D) => Scalar;

export interface TeachingSet {
  readonly items: readonly TeachingItem[];
  /** Token ids that teacher and student share; the distributions are over these. */
  readonly vocabulary: number;
  /** How many of the teacher's most probable tokens are kept; null where whole distributions are. */
  readonly teacherTopK: number | null;
  /**
   * A divergence from the teacher at the chosen items' positions; rows beyond theirs, up to `positions`,
   * are finite whatever they mean. Lives in the caller's tidy.
   */
  comparison(chosen: readonly number[], positions: number, by: Divergence): Compare;
}

export interface TeachJob {
  readonly vocabulary: number;
  readonly teacherTopK: number | null;
  readonly onDone: (done: number) => void;
  readonly signal: AbortSignal;
}

export async function teach(
  teacher: Asked,
  items: readonly TeachingItem[],
  job: TeachJob,
): Promise<TeachingSet> {
  const { vocabulary, teacherTopK } = job;
  /** log P_teacher [positions, vocabulary] */
  const ask = (chosen: readonly number[]): Tensor2D =>
    tf.tidy(() => {
      const rows = chosen.map((i) => items[i] as TeachingItem);
      const { batch: written, positions } = assemble(rows, 'teacher');
      const { embedded, batch } = embedRows(
        teacher,
        written,
        rows.flatMap(({ teacherImage }) => (teacherImage === null ? [] : [teacherImage])),
      );
      const logits = teacher.model.logits(embedded, batch, teacher.linears, positions);
      return tf.logSoftmax(tf.slice(logits, [0, 0], [positions.length, vocabulary])) as Tensor2D;
    });
  const whole =
    (logProbs: Tensor2D, by: Divergence): Compare =>
    (logits, share) =>
      by.whole(logProbs, logits, share);

  const totalPositions = items.reduce((sum, { positions }) => sum + positions, 0);
  // With all tokens but one named, the rest is that one, and nothing is spared.
  if (teacherTopK !== null && teacherTopK < vocabulary - 1) {
    const kept: TopK[][] = [];
    await askAll(ask, teacher, items, job, (logProbs) =>
      kept.push(rowsOf(logProbs, vocabulary).map((row) => topK(row, teacherTopK))),
    );
    return {
      items,
      vocabulary,
      teacherTopK,
      comparison: (chosen, positions, by) =>
        lumped(
          chosen.flatMap((i) => kept[i] ?? []),
          positions,
          teacherTopK,
          vocabulary,
          by,
        ),
    };
  }
  if (4 * totalPositions * vocabulary > keptDistributionBytes)
    return { items, vocabulary, teacherTopK, comparison: (chosen, _, by) => whole(ask(chosen), by) };

  const kept: Float32Array[] = [];
  await askAll(ask, teacher, items, job, (logProbs) => kept.push(logProbs.slice()));
  return {
    items,
    vocabulary,
    teacherTopK,
    comparison: (chosen, positions, by) => {
      const all = new Float32Array(positions * vocabulary).fill(-Math.log(vocabulary));
      let at = 0;
      for (const i of chosen) {
        const part = kept[i] as Float32Array;
        all.set(part, at);
        at += part.length;
      }
      return whole(tf.tensor2d(all, [positions, vocabulary]), by);
    },
  };
}

/**
 * @param onItem gets the log-probabilities of one item after another, [its positions · vocabulary]; not its
 * to keep
 */
async function askAll(
  ask: (chosen: readonly number[]) => Tensor2D,
  { named }: Asked,
  items: readonly TeachingItem[],
  { vocabulary, onDone, signal }: TeachJob,
  onItem: (logProbs: Float32Array) => void,
): Promise<void> {
  const sizeOf = (i: number) => (items[i]?.positions ?? 0) * vocabulary;
  onDone(0);
  for (let start = 0; start < items.length;) {
    checkCancelled(signal);
    const chosen = [start];
    for (
      let bytes = 4 * sizeOf(start), next = start + 1;
      next < items.length && chosen.length < taughtTogether;
      next++
    ) {
      bytes += 4 * sizeOf(next);
      if (bytes > taughtLogitBytes) break;
      chosen.push(next);
    }
    const logProbs = ask(chosen);
    const values = await logProbs.data<'float32'>().finally(() => logProbs.dispose());
    throwIfDeviceFailed();
    if (!allFinite(values)) throw logitsNotFinite(named);
    let at = 0;
    for (const i of chosen) onItem(values.subarray(at, (at += sizeOf(i))));
    start += chosen.length;
    onDone(start);
    await breathe();
  }
}

function rowsOf(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    values.subarray(row * width, (row + 1) * width),
  );
}

function lumped(
  rows: readonly TopK[],
  positions: number,
  k: number,
  vocabulary: number,
  by: Divergence,
): Compare {
  const ids = Int32Array.from({ length: positions * k }, (_, i) => i % k);
  const logProbs = new Float32Array(positions * (k + 1)).fill(logOfNothing);
  rows.forEach((row, i) => {
    ids.set(row.ids, i * k);
    logProbs.set(row.logProbs, i * (k + 1));
  });
  const teacher = {
    ids: tf.tensor2d(ids, [positions, k], 'int32'),
    logProbs: tf.tensor2d(logProbs, [positions, k + 1]),
    vocabulary,
  };
  return (logits, share) => by.lumped(teacher, logits, share);
}
