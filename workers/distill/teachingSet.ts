/**
 * A teacher's distributions at the answer positions of a set of items: asked once and kept (log-probabilities, float32) as long
 * as they fit `cacheBytes`, else asked again for each batch. The teacher's weights are frozen.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { breathe } from '../nn/breathe.ts';
import { checkCancelled } from './cancel.ts';
import { embedRows, type Asked } from './generateAll.ts';
import { assemble, type TeachingItem } from './teaching.ts';

const cacheBytes = 256 * 2 ** 20;
const batchRows = 32;
/** Logits that are made at once, and are there five times until they are distributions; a single item may need more. */
const logitBytes = 32 * 2 ** 20;

export interface TeachingSet {
  readonly items: readonly TeachingItem[];
  /** Token ids that teacher and student share; the distributions are over these. */
  readonly vocabulary: number;
  /** log P_teacher [positions, vocabulary] for the chosen items, rows beyond theirs arbitrary but finite. The caller disposes it. */
  teacherLogProbs(chosen: readonly number[], positions: number): Tensor2D;
}

export async function teach(teacher: Asked, items: readonly TeachingItem[], vocabulary: number, onDone: (done: number) => void, signal: AbortSignal): Promise<TeachingSet> {
  const ask = (chosen: readonly number[]): Tensor2D =>
    tf.tidy(() => {
      const rows = chosen.map((i) => items[i] as TeachingItem);
      const { batch, positions } = assemble(rows, 'teacher');
      const embedded = embedRows(teacher, batch, rows.flatMap(({ teacherImage }) => (teacherImage === null ? [] : [teacherImage])));
      const logits = teacher.model.logits(embedded, batch, teacher.linears, positions);
      return tf.logSoftmax(tf.slice(logits, [0, 0], [positions.length, vocabulary])) as Tensor2D;
    });

  const totalPositions = items.reduce((sum, { positions }) => sum + positions, 0);
  if (4 * totalPositions * vocabulary > cacheBytes) return { items, vocabulary, teacherLogProbs: ask };

  const kept: Float32Array[] = [];
  for (let start = 0, end = 0; start < items.length; start = end) {
    checkCancelled(signal);
    for (let positions = 0; end < Math.min(start + batchRows, items.length); end++) {
      positions += (items[end] as TeachingItem).positions;
      if (end > start && 4 * positions * teacher.model.vocabulary > logitBytes) break;
    }
    const chosen = Array.from({ length: end - start }, (_, i) => start + i);
    const logProbs = ask(chosen);
    const values = await logProbs.data<'float32'>().finally(() => logProbs.dispose());
    let at = 0;
    for (const i of chosen) {
      const size = (items[i] as TeachingItem).positions * vocabulary;
      kept.push(values.slice(at, at + size));
      at += size;
    }
    onDone(end);
    await breathe();
  }
  return {
    items,
    vocabulary,
    teacherLogProbs: (chosen, positions) => {
      const all = new Float32Array(positions * vocabulary).fill(-Math.log(vocabulary));
      let at = 0;
      for (const i of chosen) {
        const part = kept[i] as Float32Array;
        all.set(part, at);
        at += part.length;
      }
      return tf.tensor2d(all, [positions, vocabulary]);
    },
  };
}
