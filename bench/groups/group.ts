/** What a group of benchmarks is given. */
import type { LabSite } from '../lab.ts';
import type { BenchRow } from '../row.ts';

export interface GroupParts {
  readonly site: LabSite;
  readonly quick: boolean;
  /** Each row as it is measured. */
  readonly report: (row: BenchRow) => void;
}

export type RunGroup = (parts: GroupParts) => Promise<void>;
