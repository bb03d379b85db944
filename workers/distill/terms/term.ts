/**
 * What a term of the objective is (Eq. 10 and the second teacher): a number and its gradient with respect to
 * the gates; and what it is made from. Its description is a row of `core/objective/terms.ts`.
 */
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { Material, TermId } from '../../../core/objective/terms.ts';
import type { LessonMark } from '../../../core/runs/run-checkpoint.ts';
import type { Prompter, TextModel } from '../../nn/contract.ts';
import type { CalibrationJob, ImageQuestion, Teacher } from '../calibration.ts';
import type { ImageFeatures } from '../image-features.ts';
import type { Student } from '../student.ts';
import type { TeachingSet } from '../teaching-set.ts';

export interface TermResult {
  readonly loss: number;
  /** dLoss/dgate, length of the gate layout. */
  readonly gradient: Float32Array;
}

export interface Term {
  readonly id: TermId;
  /** By what its lessons are known again; absent where it learns from the gates alone. */
  readonly mark?: LessonMark;
  /** Draws its own batch where it needs one. The student stays the caller's. */
  compute(student: Student): Promise<TermResult>;
  /** Draws the batches of `steps` steps for nothing, so that the next one is that of a run which did those steps. */
  skip(steps: number, signal: AbortSignal): Promise<void>;
}

/** What can be learnt from, each null where neither trio nor person brings it. No label is in here. */
export interface Brought {
  readonly calibration: readonly ImageQuestion[] | null;
  readonly composed: readonly ImageQuestion[] | null;
  readonly traces: readonly string[] | null;
  /** Makes the VLM write down all that a reader without eyes needs. */
  readonly transcriptionPrompt: string | null;
}

export interface TermParts {
  readonly options: DistillOptions;
  readonly brought: Brought;
  /** S_i² of every gate, or the sum over the subspaces that share it; in gate order. */
  readonly energies: Float64Array;
  /** Σ S_i² of the layers that could be merged and are not open. */
  readonly outsideEnergy: number;
  /** The VLM's text model: the student is this model with other linear layers. */
  readonly model: TextModel;
  readonly vlmPrompter: Prompter;
  /** Features of all images of a material with images. */
  images(material: Material): Promise<ImageFeatures>;
  /** The VLM, seeing the images of a material. */
  vlm(material: Material): Promise<Teacher>;
  lrm(): Promise<Teacher>;
  /**
   * What a teacher said to a term's prompts: kept from an earlier run where there was one, else made. Another
   * `teacherTopK` than then has the teacher say its distributions again, not its answers.
   */
  taught(
    id: TermId,
    teacher: () => Promise<Teacher>,
    make: (teacher: Teacher, job: TeachingJob) => Promise<TeachingSet>,
  ): Promise<TeachingSet>;
}

/** A calibration job of which the vocabulary is for the term to say. */
export type TeachingJob = Omit<CalibrationJob, 'vocabulary'>;

export interface TermMaker {
  /** What the term needs and the session does not bring, as in "text prompts"; null where nothing is lacking. */
  lacks(brought: Brought): string | null;
  make(parts: TermParts): Promise<Term>;
}
