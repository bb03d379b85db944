/**
 * What the terms with a teacher share: the divergence of the student's distribution from the teacher's, over
 * the vocabulary or over its lumped outcomes (teaching-set.ts), in nats, averaged over the answer positions of
 * a batch (FRISM Eq. 8 and its siblings), and its gradient with respect to the gates.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Lessons, TermId } from '../../../core/objective/terms.ts';
import { throwIfDeviceFailed } from '../../backend/failure.ts';
import { breathe } from '../../nn/breathe.ts';
import type { TextModel } from '../../nn/contract.ts';
import { lossAndGradient } from '../backward.ts';
import type { Teacher } from '../calibration.ts';
import { chosenDivergence, type Divergence } from '../divergences.ts';
import { lessonMark } from '../lesson-mark.ts';
import { embedRows } from '../generate-all.ts';
import type { ImageFeatures } from '../image-features.ts';
import { createSampler, termRandom } from '../random.ts';
import { assemble, type TeachingItem } from '../teaching.ts';
import { teach, type TeachingSet } from '../teaching-set.ts';
import type { Brought, Term, TermMaker, TermParts, TeachingJob } from './term.ts';

export interface TaughtTermParts {
  readonly id: TermId;
  readonly set: TeachingSet;
  /** The VLM's text model: the student is this model with other linear layers. */
  readonly model: TextModel;
  readonly images: ImageFeatures | null;
  readonly imageTokenId: number | null;
  readonly divergence: Divergence;
  readonly batchSize: number;
  /** Indices into `set.items` for the next batch. */
  readonly sample: (count: number) => number[];
}

/** What one term with a teacher adds: what it needs, and how the teacher is asked. */
export interface Teaching {
  lacks(brought: Brought): string | null;
  /** Has the teacher answer the prompts; one item for each answer. */
  ask(teacher: Teacher, parts: TermParts, job: TeachingJob): Promise<readonly TeachingItem[]>;
}

/** A term whose row in `core/objective/terms.ts` says by whom, on what and from what it is taught. */
export function taughtBy(id: TermId, lessons: Lessons, { lacks, ask }: Teaching): TermMaker {
  return {
    lacks,
    make: async (parts) => {
      const { options, model, vlmPrompter } = parts;
      const { teacher, material, studentSees } = lessons;
      const set = await parts.taught(
        id,
        () => (teacher === 'vlm' ? parts.vlm(material) : parts.lrm()),
        async (asked, job) => {
          const items = await ask(asked, parts, job);
          return teach(asked, items, {
            ...job,
            vocabulary: Math.min(model.vocabulary, asked.model.vocabulary),
            onDone: (done) => job.onDone(`${teacher.toUpperCase()} distributions`, done, items.length),
          });
        },
      );
      const sees = studentSees === 'image';
      const images = sees ? await parts.images(material) : null;
      const term = taughtTerm({
        id,
        set,
        model,
        images,
        imageTokenId: sees ? vlmPrompter.imageTokenId : null,
        divergence: chosenDivergence(options),
        batchSize: options.batchSize,
        sample: createSampler(set.items.length, termRandom(options.seed, id)),
      });
      return { ...term, mark: await lessonMark(id, set.items, images) };
    },
  };
}

export function taughtTerm(parts: TaughtTermParts): Term {
  const { id, set, model, images, imageTokenId, divergence, batchSize, sample } = parts;
  const draw = (): number[] => sample(Math.min(batchSize, set.items.length));
  return {
    id,
    skip: async (steps, signal) => {
      for (let step = 0; step < steps; step++) {
        draw();
        await breathe(signal);
      }
    },
    compute: async (student) => {
      const chosen = draw();
      const packed = tf.tidy(() => {
        const rows = chosen.map((i) => set.items[i] as TeachingItem);
        const { batch: written, positions, weights } = assemble(rows, 'student');
        const { embedded, batch } = embedRows(
          { model, images, imageTokenId },
          written,
          rows.flatMap(({ studentImage }) => (studentImage === null ? [] : [studentImage])),
        );
        const compare = set.comparison(chosen, positions.length, divergence);
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
