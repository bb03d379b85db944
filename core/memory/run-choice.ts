/** What a run's memory depends on, of everything that a person chooses for it. */
import type { DistillOptions } from '../objective/options.ts';

export interface RunChoice {
  /** Subspaces of each matrix with a gate of their own; null for all. */
  readonly budget: number | null;
  readonly batchSize: number;
  /** Do traces (β) and composed images (γ) take part? */
  readonly trace: boolean;
  readonly composed: boolean;
  /** Tokens that a teacher's distribution names; absent or null: all. */
  readonly teacherTopK?: number | null;
}

export const runChoice = (
  { batchSize, beta, gamma, teacherTopK }: DistillOptions,
  budget: number | null,
): RunChoice => ({ budget, batchSize, trace: beta > 0, composed: gamma > 0, teacherTopK });
