/** What was found when base, VLM and LRM were compared, before anything is computed. */
export type FindingSeverity = 'info' | 'warning' | 'error';

export interface Finding {
  /** Stable, kebab-case: `shape-differs`, `unmatched-in-lrm`, `vocabulary-rows-differ`, … */
  readonly code: string;
  readonly severity: FindingSeverity;
  /** Tensors concerned, full names; may be many. */
  readonly tensors: readonly string[];
  /** What is so. */
  readonly message: string;
  /** What will happen to it, or what to do. */
  readonly remedy: string;
}

export interface PairingReport {
  /** Linear layers that will be merged. */
  readonly matched: number;
  readonly findings: readonly Finding[];
}
