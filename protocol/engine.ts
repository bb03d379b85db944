/**
 * The engine's interface: implemented by the engine itself, by the page's proxy over a worker, and by a fake
 * for tests.
 *
 * Rules. Every long call takes a `job` id first and can be cancelled by it; it then rejects with code
 * `cancelled` and leaves what was loaded before as it was. Callbacks are fire-and-forget. Errors are
 * `StudioError`s. Typed arrays in results belong to the receiver.
 */
import type { GateEdit, GateField } from '../core/gates/field.ts';
import type { TrioIdentity } from '../core/recipe/compare.ts';
import type { Recipe, RecipePreset } from '../core/recipe/recipe.ts';
import type { DeviceCapacity } from '../core/memory/facts.ts';
import type { OpenEvent, Progress, RunEvent } from './events.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type {
  BlobLike,
  CalibrationReport,
  CalibrationSource,
  RgbaImage,
  Session,
  SlotSpectrum,
  TrioPreview,
  TrioSource,
} from './session.ts';

export type JobId = string;

export type BackendChoice = 'auto' | 'webgpu' | 'wasm';

export interface SelfTestResult {
  readonly name: string;
  /** Largest relative error against the CPU reference. */
  readonly error: number;
  readonly ok: boolean;
}

export interface BackendReport {
  readonly backend: 'webgpu' | 'wasm';
  /** Why this one, in a sentence for people. */
  readonly reason: string;
  readonly adapter: string | null;
  readonly softwareAdapter: boolean;
  readonly threads: number;
  readonly isolated: boolean;
  readonly selfTest: readonly SelfTestResult[];
  readonly capacity: DeviceCapacity;
}

/** Which weights a measurement or an answer is of. */
export type Target =
  | { readonly kind: 'vlm' }
  /**
   * θ_vlm + λ U(gates ⊙ S)Vᵀ; `gates` null means the session's current gates, a number the same gate
   * everywhere (1 = task arithmetic).
   */
  | { readonly kind: 'merged'; readonly lambda: number; readonly gates: Float32Array | number | null };

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

export interface Answer {
  readonly text: string;
  readonly tokens: number;
  readonly elapsedMs: number;
}

export interface TryRequest {
  readonly image: RgbaImage;
  readonly question: string;
  readonly lambda: number;
  readonly maxTokens: number;
}

export interface TryResult {
  readonly vlm: Answer;
  /**
   * The LRM cannot see: it answers the question on what the VLM transcribed from the image, given in
   * `prompt`.
   */
  readonly lrm: Answer & { readonly prompt: string };
  readonly merged: Answer;
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

export interface ExportOptions {
  /** λ is applied; the others are written into the recipe. */
  readonly run: DistillOptions;
  readonly format: ExportFormat;
  /**
   * A recipe that was opened on this session: what is known of it goes on where the gates are still its own.
   */
  readonly laid?: Recipe | null;
  /** What set the gates, for the recipe and the card; the caller's word. */
  readonly preset?: RecipePreset | null;
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
  /** What share of ‖ΔW‖² an adapter of limited rank keeps; null for a checkpoint, which keeps all. */
  readonly energyKept: number | null;
  readonly recipe: string;
}

export interface EngineApi {
  /** Chooses, starts and self-tests a backend. Must be the first call. */
  connect(choice: BackendChoice): Promise<BackendReport>;
  /**
   * Pairs the three models from their headers alone. Leaves the open session as it is, and so does
   * `layerSpectrum`.
   */
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
  /** Loads, pairs and decomposes. On failure or cancel the session open before stays open. */
  open(job: JobId, source: TrioSource, onEvent: (event: OpenEvent) => void): Promise<Session>;

  /**
   * Images and questions of one's own to calibrate on, until other models are opened; null: what the trio
   * brings again. Each image is decoded once to see that it can be; its pixels are not kept. Refused while a
   * distillation goes on; what fails or is cancelled changes nothing.
   */
  setCalibration(
    job: JobId,
    source: CalibrationSource | null,
    onProgress: (progress: Progress) => void,
  ): Promise<CalibrationReport>;

  /**
   * Starts a run from the session's current gates; resolves when it has ended. Only one at a time.
   * `pauseAfter`: so many steps, then it waits.
   */
  distill(
    job: JobId,
    options: DistillOptions,
    onEvent: (event: RunEvent) => void,
    pauseAfter?: number,
  ): Promise<void>;
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
   * Gives the k strongest subspaces of each matrix a gate of their own and the rest one together; null gives
   * every subspace its own. Gates are mapped (`mapField`), and the factors are loaded again in the form that
   * takes least memory when next used. Refused while a distillation goes on. Edits must have arrived: indices
   * mean the new layout from here on.
   */
  setBudget(job: JobId, budget: number | null): Promise<Pick<Session, 'layout' | 'gates'>>;

  /** `limit`: items of each set, from its start; null for all. A running distillation waits meanwhile. */
  evaluate(
    job: JobId,
    target: Target,
    limit: number | null,
    onProgress: (progress: Progress) => void,
  ): Promise<Evaluation>;
  answer(job: JobId, request: TryRequest): Promise<TryResult>;
  /**
   * The recipe of the session's current gates, as an export carries it, with the figures that this session
   * measured of exactly these gates. Reads all three models and all factors once, for their hashes. `laid` as
   * of `ExportOptions`.
   */
  recipe(
    job: JobId,
    options: DistillOptions,
    onProgress: (progress: Progress) => void,
    laid?: Recipe | null,
  ): Promise<string>;
  /**
   * What the open models and their factors are by their bytes, for holding a recipe against them. Reads all
   * of them once.
   */
  identify(job: JobId, onProgress: (progress: Progress) => void): Promise<TrioIdentity>;
  /**
   * Writes the merged checkpoint as a Hugging Face folder. When it fails or is cancelled, what was written is
   * removed.
   */
  exportMerged(
    job: JobId,
    options: ExportOptions,
    target: ExportTarget,
    onProgress: (progress: Progress) => void,
  ): Promise<ExportReport>;

  /**
   * At once, also in the middle of decomposing a matrix. An unknown job is no error: it may just have ended.
   */
  cancel(job: JobId): Promise<void>;
  /**
   * Lets `open` begin nothing more until `proceed`; the matrices being decomposed are finished. Other jobs do
   * not heed it.
   */
  suspend(job: JobId): Promise<void>;
  proceed(job: JobId): Promise<void>;
}
