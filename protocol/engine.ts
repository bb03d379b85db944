/**
 * The engine's interface: implemented by the engine itself, by the page's proxy over a worker, and by a fake
 * for tests.
 *
 * Rules. Every long call takes a `job` id first and can be cancelled by it; it then rejects with code
 * `cancelled` and leaves what was loaded before as it was. Callbacks return nothing and are not awaited.
 * Errors are `StudioError`s. Typed arrays in results belong to the receiver.
 *
 * Whoever measures, asks, exports or writes a recipe passes the gates and λ along, so that the result is of what
 * was asked for, whatever a run or a hand does meanwhile. There must be one gate for each of the session's layout;
 * gates of another budget are refused by their number. The session's own gates are where a run starts and what it
 * moves.
 */
import type { GateEdit, GateField } from '../core/gates/field.ts';
import type { MethodChoice } from '../core/merging/choose.ts';
import type { Finding } from '../core/family/pairing.ts';
import type { PassedOver } from '../core/reading/folder-rules.ts';
import type { TrioIdentity } from '../core/recipe/compare.ts';
import type { KeptFigures } from '../core/recipe/kept-figures.ts';
import type { Recipe, RecipePreset } from '../core/recipe/recipe.ts';
import type { RunCheckpoint } from '../core/runs/run-checkpoint.ts';
import type { BackendName, DeviceCapacity } from '../core/memory/facts.ts';
import type { TargetGates, TryRequest, TryResult } from './asking.ts';
import type { BasisApi } from './basis.ts';
import type { AnswerEvent, OpenEvent, Progress, RunEvent } from './events.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type {
  BlobLike,
  CalibrationReport,
  CalibrationSource,
  NamedImage,
  RgbaImage,
  Session,
  SlotSpectrum,
  TrioPreview,
  TrioSource,
} from './session.ts';

export type JobId = string;

export type BackendChoice = 'auto' | BackendName;

export interface SelfTestResult {
  readonly name: string;
  /** Largest relative error against the CPU reference. */
  readonly error: number;
  readonly ok: boolean;
}

export interface BackendReport {
  readonly backend: BackendName;
  /** Why this one, in a sentence for people. */
  readonly reason: string;
  readonly adapter: string | null;
  readonly softwareAdapter: boolean;
  readonly threads: number;
  readonly isolated: boolean;
  readonly selfTest: readonly SelfTestResult[];
  readonly capacity: DeviceCapacity;
}

/** Which weights a measurement is of. */
export type Target =
  | { readonly kind: 'vlm' }
  | { readonly kind: 'merged'; readonly lambda: number; readonly gates: TargetGates }
  /** Merged element by element from the three models' files, without gates (`core/merging/`). */
  | { readonly kind: 'method'; readonly method: MethodChoice };

export interface Score {
  readonly correct: number;
  readonly total: number;
  /** Wilson 95 % interval of correct/total. */
  readonly low: number;
  readonly high: number;
}

export interface Evaluation {
  readonly perception: Score;
  readonly reasoning: Score;
  readonly byTask: Readonly<Record<string, Score>>;
  readonly elapsedMs: number;
}

/** A directory that the page may write to (File System Access); handed through to the engine as it is. */
export interface DirectoryHandle {
  readonly kind: 'directory';
  readonly name: string;
}

/** Where an export goes. */
export type ExportTarget =
  /** Into the folder, or a new subfolder of it where it already holds something. */
  | { readonly kind: 'folder'; readonly directory: DirectoryHandle }
  /** One .zip, for a download. */
  | { readonly kind: 'archive' };

/** What a recipe is of. */
export interface RecipeRequest {
  /** λ is applied; the others are written into the recipe. */
  readonly run: DistillOptions;
  /** The gates that are merged, and which of them are locked. */
  readonly gates: GateField;
  /**
   * A recipe that was opened on this session. Its figures are written again where gates, λ, factors and VLM
   * are still those of that recipe.
   */
  readonly applied?: Recipe | null;
}

export interface ExportOptions extends RecipeRequest {
  readonly format: ExportFormat;
  /** What set the gates. It is written into recipe and card as the caller says it. */
  readonly preset?: RecipePreset | null;
  /** Codes of the errors among the session's findings that a person accepts. Any other stops the export. */
  readonly accepted?: readonly string[];
}

/** A merge without gates as a Hugging Face folder. */
export interface MethodExport {
  readonly method: MethodChoice;
  /** Null keeps the VLM's own shards. */
  readonly maxShardBytes: number | null;
  /** As in `ExportOptions`. */
  readonly accepted?: readonly string[];
}

export type ExportFormat =
  /** A whole model as a Hugging Face folder. `maxShardBytes` null keeps the VLM's own shards. */
  | { readonly kind: 'checkpoint'; readonly maxShardBytes: number | null }
  /** A PEFT adapter on the VLM; `maxRank` null is exact. */
  | { readonly kind: 'adapter'; readonly maxRank: number | null };

export interface ExportReport {
  /** Name of the folder or archive that was written. */
  readonly place: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** The archive, where one was asked for; on disk where the browser can. */
  readonly archive: BlobLike | null;
  readonly changed: number;
  /** Tensors that are the VLM's byte for byte. */
  readonly untouched: number;
  /** What the VLM's folder holds and the export does not. */
  readonly leftOut: readonly PassedOver[];
  /** What the VLM's weights showed as they passed by: findings that the session does not have. */
  readonly findings: readonly Finding[];
  /** What share of ‖ΔW‖² an adapter of limited rank keeps; null for a checkpoint, which keeps all. */
  readonly energyKept: number | null;
  readonly recipe: string;
}

export interface IdentifiedTrio extends TrioIdentity {
  /** What the VLM's weights showed as they were read: findings that the session does not have. */
  readonly findings: readonly Finding[];
}

export interface EngineApi extends BasisApi {
  /** Chooses, starts and self-tests a backend. Must be the first call. */
  connect(choice: BackendChoice): Promise<BackendReport>;
  /** Pairs the three models from their headers alone. Leaves the open session as it is; so does `layerSpectrum`. */
  inspect(job: JobId, source: TrioSource, onProgress: (progress: Progress) => void): Promise<TrioPreview>;
  /**
   * Decomposes one layer, reading that layer's weights and no others. `slot`: its index in the preview's
   * `slots`.
   */
  layerSpectrum(
    job: JobId,
    source: TrioSource,
    slot: number,
    onProgress: (progress: Progress) => void,
  ): Promise<SlotSpectrum>;
  /** Loads, pairs and decomposes. When that fails or is cancelled, the session before it stays open. */
  open(job: JobId, source: TrioSource, onEvent: (event: OpenEvent) => void): Promise<Session>;

  /**
   * Calibrates on a person's own images and questions until other models are opened. Null goes back to what
   * the trio brings. Each image is decoded once to see whether it can be decoded; its pixels are not kept.
   * The call is refused while a distillation goes on. A call that fails or is cancelled changes nothing.
   */
  setCalibration(
    job: JobId,
    source: CalibrationSource | null,
    onProgress: (progress: Progress) => void,
  ): Promise<CalibrationReport>;

  /**
   * Starts a run from the session's current gates, and resolves when the run has ended. Only one run goes on
   * at a time. After step `pauseAfter` it waits.
   *
   * With `from` an interrupted run goes on, bit for bit as if it had not stopped: from its gates and locks, which
   * become the session's at once, and from its step, with which its events begin. With `pauseAfter` equal to that
   * step it stands paused as soon as it is prepared. A checkpoint is checked as if a stranger had written it; one
   * that is damaged (`bad-file`) or was made of other layers, another budget or other options (`mismatch`) rejects
   * before anything has changed, one of other weights or prompts after the preparation. On another device it goes
   * on, and a notice says that other bits follow.
   */
  distill(
    job: JobId,
    options: DistillOptions,
    onEvent: (event: RunEvent) => void,
    pauseAfter?: number,
    from?: RunCheckpoint | null,
  ): Promise<void>;
  /**
   * All that the present run needs to go on later, in another engine as well: after its last whole step, with the
   * edits by hand since then. Copies of a few arrays as long as the gates, at any moment and without waiting for the
   * device. Null where there is no run, and before its first preparation is done.
   */
  checkpoint(): Promise<RunCheckpoint | null>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Does `count` steps of a paused run and pauses again. */
  step(count: number): Promise<void>;
  /** Ends the run; its gates stay. */
  stop(): Promise<void>;

  /** Applies an edit by hand, during a run or not. Resolves when the engine's gates include it. */
  setGates(revision: number, edit: GateEdit): Promise<void>;
  gates(): Promise<GateField>;

  /**
   * Gives each of the k strongest subspaces of a matrix a gate of its own, and all others of that matrix one
   * gate together. Null gives every subspace its own. Gates are mapped (`mapField`), and the factors are
   * loaded again, in the form that takes least memory, when they are next used. The call is refused while a
   * distillation goes on. Edits must have arrived before it, because indices mean the new layout afterwards.
   */
  setBudget(job: JobId, budget: number | null): Promise<Pick<Session, 'layout' | 'gates'>>;

  /**
   * Measures a target on the first `limit` items of each set; null takes all of them. A run that goes on
   * waits meanwhile.
   */
  evaluate(
    job: JobId,
    target: Target,
    limit: number | null,
    onProgress: (progress: Progress) => void,
  ): Promise<Evaluation>;
  /** Asks the VLM, the LRM and the merged model, in this order. */
  answer(job: JobId, request: TryRequest, onEvent: (event: AnswerEvent) => void): Promise<TryResult>;
  /**
   * Pixels of an image file as calibration and the command line read them too: turned as its EXIF data says,
   * laid on white, in its own size. Needs neither a device nor models.
   */
  decodeImage(image: NamedImage): Promise<RgbaImage>;
  /**
   * The recipe of these gates, as an export carries it, with the figures that this session measured of exactly
   * these gates. Reads all three models and all factors once, for their hashes.
   */
  recipe(job: JobId, request: RecipeRequest, onProgress: (progress: Progress) => void): Promise<string>;
  /**
   * What this session measured and which runs left which gates, so that it can be kept; null where there is nothing.
   * Given back to a later session of the same models, its recipes carry them as this session's would.
   */
  figures(): Promise<KeptFigures | null>;
  /**
   * Takes the figures of an earlier session. Rejects with `bad-file` for what are none, and with `mismatch` for those
   * of other weights or factors; nothing has changed then. What this session has measured itself stays.
   */
  restoreFigures(kept: KeptFigures): Promise<void>;
  /** By what the VLM's weights are known again: a SHA-256 of a sample of them, with small reads. */
  vlmSample(): Promise<string>;
  /** Hashes of the open models and of their factors, to compare a recipe with. Reads all of them once. */
  identify(job: JobId, onProgress: (progress: Progress) => void): Promise<IdentifiedTrio>;
  /**
   * Writes the merged checkpoint as a Hugging Face folder. When it fails or is cancelled, what was written is
   * removed. An error among the session's findings that is not accepted rejects with `mismatch`, before anything
   * is computed.
   */
  exportMerged(
    job: JobId,
    options: ExportOptions,
    target: ExportTarget,
    onProgress: (progress: Progress) => void,
  ): Promise<ExportReport>;
  /**
   * The same of a merge by a method without gates: the weights that a target of kind `method` is measured with,
   * bit for bit, and those that `frism merge` writes. `recipe` of the report is its `merge.json`.
   */
  exportMethod(
    job: JobId,
    options: MethodExport,
    target: ExportTarget,
    onProgress: (progress: Progress) => void,
  ): Promise<ExportReport>;

  /**
   * Cancels a job at once, even in the middle of decomposing a matrix. An unknown job is no error, because it
   * may just have ended.
   */
  cancel(job: JobId): Promise<void>;
  /**
   * Makes `open` begin nothing more until `proceed` is called. Matrices that are being decomposed are
   * finished. Other jobs ignore it.
   */
  suspend(job: JobId): Promise<void>;
  proceed(job: JobId): Promise<void>;
}
