/** What the store keeps of things that happened: edits, snapshots, measured points, questions, exports, messages. */
import type { GateField } from '../../core/gates/field.ts';
import type { MethodChoice } from '../../core/merging/choose.ts';
import type { Finding } from '../../core/family/pairing.ts';
import type { PassedOver } from '../../core/reading/folder-rules.ts';
import type { TryResult } from '../../protocol/asking.ts';
import type { Evaluation } from '../../protocol/engine.ts';
import type {
  HeardEvent,
  AskedModel,
  Divergence,
  PlainError,
  Progress,
  RunState,
} from '../../protocol/events.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type { RunCheckpoint } from '../../core/runs/run-checkpoint.ts';
import type { Losses } from '../../core/objective/terms.ts';
import type { KnownAnswer, RgbaImage } from '../../protocol/session.ts';

/** A reversible change: gates and locks at `indices`, before and after. One gesture is one entry. */
export interface HistoryEntry {
  readonly label: string;
  readonly indices: Uint32Array;
  readonly before: { readonly values: Float32Array; readonly locks: Uint8Array };
  readonly after: { readonly values: Float32Array; readonly locks: Uint8Array };
  /**
   * Budget and options before and after, where more than gates changed. `before` and `after` are then whole fields,
   * each of the layout of its own budget.
   */
  readonly setup?: { readonly before: RunSetup; readonly after: RunSetup };
}

/** What a run goes by beside its gates: an edit of gates leaves it as it is, opening a recipe changes it. */
export interface RunSetup {
  readonly budget: number | null;
  readonly options: DistillOptions;
}

export interface Selection {
  /** Indices into session.slots, ascending; the first one is what the gate editor shows in detail. */
  readonly slots: readonly number[];
  /** Fraction of the spectrum [from, to) in [0, 1], or null for the whole. */
  readonly band: readonly [number, number] | null;
}

/** Where a run starts from: gates that are half open, or the gates as they were. */
export type RunStart = 'half-open' | 'present';

/** A run as the page sees it. */
export interface RunView {
  /** Counted from 1 since the models were opened; 0 before the first. */
  readonly number: number;
  /** Null before the first. */
  readonly start: RunStart | null;
  readonly state: RunState | 'idle';
  readonly step: number;
  readonly steps: number;
  readonly etaMs: number | null;
  readonly stepMs: number | null;
  readonly progress: Progress | null;
  /** When the present stage of preparing began, in ms since the epoch; null while nothing is prepared. */
  readonly stageBeganAt: number | null;
  /** Asked for and not come yet: the step that is under way is finished first. */
  readonly coming: 'pause' | 'stop' | null;
  readonly error: PlainError | null;
  readonly losses: readonly (Losses & { readonly step: number })[];
  /** Null before the first step. */
  readonly divergence: Divergence | null;
  /** What the run goes on from after its worker or this page has ended; null where there is nothing to go on with. */
  readonly checkpoint: RunCheckpoint | null;
}

export interface Snapshot {
  readonly id: string;
  readonly label: string;
  readonly step: number;
  readonly lambda: number;
  /** What a run was told, and where it started from; null where none had begun. */
  readonly run: {
    readonly number: number;
    readonly start: RunStart;
    readonly alpha: number;
    readonly seed: number;
  } | null;
  readonly gates: GateField;
  /** The subspace budget that `gates` are of. */
  readonly budget: number | null;
  readonly evaluation: Evaluation | null;
  /** Gates as the optimiser left them, taken by the studio itself; `manual` where a person asked for it. */
  readonly origin: 'run' | 'edit' | 'manual' | 'result';
}

export interface DeletedSnapshot {
  readonly snapshot: Snapshot;
  /** Its place among the snapshots. */
  readonly at: number;
  readonly point: Measurement | null;
}

/** A point of the trade-off plot. */
export interface Measurement {
  readonly id: string;
  readonly kind: 'vlm' | 'task-arithmetic' | 'snapshot' | 'current' | 'method';
  readonly label: string;
  readonly lambda: number;
  readonly step: number | null;
  readonly evaluation: Evaluation;
  /** Gate revision and run step it was measured at; a point of kind `current` is stale once these differ. */
  readonly revision: number;
  /**
   * The very field that was measured (fields are never mutated, so identity tells whether it is still the
   * current one).
   */
  readonly gates: GateField | null;
  /** The subspace budget that `gates` are of. */
  readonly budget: number | null;
  /** What merged it, where it has no gates; of kind `method` alone. */
  readonly method?: MethodChoice;
}

/** Actions that a notice offers as the way out of what it says. */
export type WayOut = 'unlockAll' | 'startAfresh' | 'restoreDeleted' | 'bringBackRecent' | 'pairing';

export interface Toast {
  readonly id: string;
  readonly level: LogEntry['level'];
  readonly text: string;
  readonly way: WayOut | null;
}

/** What the person asked and of which weights, so that an old answer can be told from a fresh one. */
export interface Asked {
  readonly image: RgbaImage;
  readonly question: string;
  readonly lambda: number;
  readonly gates: GateField;
  readonly budget: number | null;
  /** The right answer, where it is known. */
  readonly known: KnownAnswer | null;
  /** The method that merged the model in the place of λ and the gates, or null. */
  readonly method: MethodChoice | null;
}

export interface ExportSummary {
  /** The method without gates that merged what was written, or null. */
  readonly method: MethodChoice | null;
  /** Folder or archive. */
  readonly place: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly changed: number;
  readonly untouched: number;
  /** What the VLM's folder holds and the export does not. */
  readonly leftOut: readonly PassedOver[];
  /** What the VLM's weights showed while they were written. */
  readonly findings: readonly Finding[];
  readonly energyKept: number | null;
  readonly recipe: string;
}

export interface LogEntry {
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

export interface TryIt {
  readonly image: RgbaImage | null;
  readonly question: string;
  readonly status: 'idle' | 'answering' | 'failed';
  /** The question that is being answered: since when, in ms since the epoch, and what was heard of each model. */
  readonly live: {
    readonly beganAt: number;
    readonly heard: Readonly<Partial<Record<AskedModel, HeardEvent>>>;
  } | null;
  readonly result: TryResult | null;
  readonly asked: Asked | null;
  readonly error: PlainError | null;
}
