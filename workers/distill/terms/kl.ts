/**
 * The term that the three teachers share: KL(P_teacher ‖ P_student) over the vocabulary or over its lumped
 * outcomes (teaching-set.ts), in nats, averaged over the answer positions of a batch (FRISM Eq. 8 and its
 * siblings), and its gradient with respect to the gates.
 */
import * as tf from '@tensorflow/tfjs-core';
import { throwIfDeviceFailed } from '../../backend/failure.ts';
import type { TextModel } from '../../nn/contract.ts';
import { lossAndGradient } from '../backward.ts';
import { embedRows } from '../generate-all.ts';
import type { ImageFeatures } from '../image-features.ts';
import { assemble, type TeachingItem } from '../teaching.ts';
import type { TeachingSet } from '../teaching-set.ts';
import type { Term } from './term.ts';

export interface KlTermOptions {
  readonly name: 'distill' | 'trace' | 'composed';
  readonly set: TeachingSet;
  /** The VLM's text model: the student is this model with other linear layers. */
  readonly model: TextModel;
  readonly images: ImageFeatures | null;
  readonly imageTokenId: number | null;
  readonly batchSize: number;
  /** Indices into `set.items` for the next batch. */
  readonly sample: (count: number) => number[];
}

export function klTerm({ name, set, model, images, imageTokenId, batchSize, sample }: KlTermOptions): Term {
  return {
    name,
    compute: async (student) => {
      const chosen = sample(Math.min(batchSize, set.items.length));
      const packed = tf.tidy(() => {
        const rows = chosen.map((i) => set.items[i] as TeachingItem);
        const { batch: written, positions, weights } = assemble(rows, 'student');
        const { embedded, batch } = embedRows(
          { model, images, imageTokenId },
          written,
          rows.flatMap(({ studentImage }) => (studentImage === null ? [] : [studentImage])),
        );
        const compare = set.comparison(chosen, positions.length);
        const counted = weights.reduce((sum, w) => sum + w, 0);
        const share = tf.tensor1d(weights.map((w) => w / counted));
        const { loss, gradient } = lossAndGradient(
          { model, embedded, batch, positions, lossOf: (logits) => compare(logits, share) },
          student,
        );
        return tf.concat1d([tf.reshape(loss, [1]) as tf.Tensor1D, gradient]);
      });
      const values = await packed.data<'float32'>().finally(() => packed.dispose());
      throwIfDeviceFailed();
      return { loss: values[0] as number, gradient: values.slice(1) };
    },
  };
}
