/** What a run's memory depends on, of everything that a person chooses for it. */
import { defaultOptions, type DistillOptions } from '../objective/options.ts';
import { termRow, termsOf, type Lessons, type TermId } from '../objective/terms.ts';

export interface RunChoice {
  /** Subspaces of each matrix with a gate of their own; null for all. */
  readonly budget: number | null;
  readonly batchSize: number;
  /** The terms that take part. */
  readonly terms: readonly TermId[];
  /** Tokens that a teacher's distribution names; absent or null: all. */
  readonly teacherTopK?: number | null;
}

export const runChoice = (options: DistillOptions, budget: number | null): RunChoice => ({
  budget,
  batchSize: options.batchSize,
  terms: termsOf(options),
  teacherTopK: options.teacherTopK,
});

/** The lessons of the terms that have any. */
export const lessonsOf = ({ terms }: Pick<RunChoice, 'terms'>): readonly Lessons[] =>
  terms.map((id) => termRow(id).lessons).filter((lessons) => lessons !== null);

/** What is assumed where nobody has chosen anything yet. */
export const usualChoice: RunChoice = runChoice({ ...defaultOptions, batchSize: 8 }, null);
