/** The page's state, one store: what the engine said, what the person chose, and what they did by hand. */
import type { Finding } from '../../core/family/pairing.ts';
import type { MethodValues } from '../../core/merging/method.ts';
import type { MethodId } from '../../core/merging/methods.ts';
import type { LayerSelection } from '../../core/family/selection.ts';
import type { GateField } from '../../core/gates/field.ts';
import type { TrioIdentity } from '../../core/recipe/compare.ts';
import type { ReadableFile } from '../../core/recipe/file.ts';
import type { Recipe } from '../../core/recipe/recipe.ts';
import type { BackendReport, ExportFormat, ExportReport, ExportTarget } from '../../protocol/engine.ts';
import type { PlainError, Progress } from '../../protocol/events.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type {
  CalibrationReport,
  CalibrationSource,
  Session,
  SlotInfo,
  SlotSpectrum,
  TrioPreview,
  TrioSource,
} from '../../protocol/session.ts';
import type {
  DeletedSnapshot,
  HistoryEntry,
  RunView,
  Selection,
  Snapshot,
  WayOut,
  Measurement,
  Toast,
  TryIt,
  ExportSummary,
  LogEntry,
} from './records.ts';
import type { KeepingActions, KeepingState } from './keeping/keeping-state.ts';
import type { PreferenceActions, Preferences } from './preferences.ts';
import type { QuietActions, QuietState } from './quiet.ts';

/** What dragging in the gate editor does. */
export type GateTool = 'shape' | 'draw' | 'band' | 'smooth';

export interface StudioState extends Preferences, KeepingState, QuietState {
  /** `lost`: the worker died; everything on the page stays, nothing can be computed until `reconnect`. */
  readonly connection: {
    readonly status: 'starting' | 'ready' | 'lost' | 'failed';
    readonly error: PlainError | null;
  };
  readonly backend: BackendReport | null;
  readonly load: {
    readonly status: 'idle' | 'loading' | 'ready' | 'failed';
    readonly progress: Progress | null;
    readonly error: PlainError | null;
    /** By hand: nothing more is begun until it is resumed. */
    readonly paused: boolean;
  };
  /**
   * What is being opened, as far as it is known: its matrices, what was found before they are decomposed, and by slot
   * their spectra, null until there is one. Null when nothing is being opened.
   */
  readonly incoming: {
    readonly slots: readonly SlotInfo[];
    readonly findings: readonly Finding[];
    readonly spectra: readonly (SlotSpectrum | null)[];
  } | null;
  /** How the models that are chosen, not opened, fit together. */
  readonly preview: {
    readonly status: 'idle' | 'checking' | 'ready' | 'failed';
    readonly progress: Progress | null;
    readonly error: PlainError | null;
    /** What was asked about. */
    readonly source: TrioSource | null;
    readonly found: TrioPreview | null;
    /** One layer's spectrum, once asked for: `spectrum` and `error` both null while it is computed. */
    readonly layer: {
      readonly slot: number;
      readonly progress: Progress | null;
      readonly spectrum: SlotSpectrum | null;
      readonly error: PlainError | null;
    } | null;
  };
  readonly session: Session | null;
  /** What the session was opened from, to reopen it after the worker died. */
  readonly source: TrioSource | null;
  /** By slot; null until computed. */
  readonly spectra: readonly (SlotSpectrum | null)[];

  readonly gates: GateField;
  /** The optimiser's last value of each gate: the ghost behind a hand-set curve. */
  readonly autoGates: Float32Array;
  /** Rises with every edit sent to the engine. */
  readonly revision: number;
  /** Rises with every change of `gates`, by hand or by the optimiser; cheap to subscribe to. */
  readonly gatesVersion: number;
  /** While a snapshot is held up for comparison `gates` shows it, and the real field waits here. */
  readonly peek: { readonly id: string; readonly gates: GateField } | null;
  /** The gates as they last left the page in a file or came out of one, at first those of the session. */
  readonly savedGates: GateField | null;
  readonly undoStack: readonly HistoryEntry[];
  readonly redoStack: readonly HistoryEntry[];
  /** A change of the subspace budget is under way: gates cannot be edited until it has ended. */
  readonly changingBudget: boolean;

  /** What a run calibrates on, when it is not what the trio brings. */
  readonly calibration: {
    readonly status: 'idle' | 'reading' | 'failed';
    readonly progress: Progress | null;
    readonly error: PlainError | null;
    /** A person's own images and questions; null where the trio's own are in force. */
    readonly own: { readonly source: CalibrationSource; readonly report: CalibrationReport } | null;
    /** Items that the trio brings, 0 where it brings none. */
    readonly trioItems: number;
  };

  readonly selection: Selection;
  readonly hoveredSlot: number | null;
  readonly gateTool: GateTool;

  readonly options: DistillOptions;
  readonly run: RunView;

  readonly snapshots: readonly Snapshot[];
  /** The snapshots that were deleted, the last one last, each of which can be brought back. */
  readonly deleted: readonly DeletedSnapshot[];
  readonly measurements: readonly Measurement[];
  /** Items of each set that a measurement uses; null for all. */
  readonly evaluationItems: number | null;
  readonly measuring: {
    readonly label: string;
    readonly progress: Progress | null;
    readonly job: string;
  } | null;

  readonly tryIt: TryIt;
  /** The merge method without gates that is chosen, and what was set of each. */
  readonly method: {
    readonly id: MethodId;
    readonly settings: { readonly [K in MethodId]?: MethodValues };
  };
  readonly exporting: {
    readonly status: 'idle' | 'exporting' | 'done' | 'failed';
    readonly progress: Progress | null;
    readonly error: PlainError | null;
    /** What became of one that was cancelled. */
    readonly note: string | null;
    readonly summary: ExportSummary | null;
    /** Codes of errors among the session's findings with which the person wants a run and an export all the same. */
    readonly accepted: readonly string[];
    readonly format: ExportFormat;
  };
  /** A recipe that a person has opened, on its way to the gates. */
  readonly recipe: {
    /** `waiting`: for models to be opened. `ready`: compared, or the comparison was left. */
    readonly status: 'none' | 'reading' | 'waiting' | 'checking' | 'ready' | 'applying' | 'failed';
    /** The file that it was in. */
    readonly name: string;
    readonly recipe: Recipe | null;
    /** What the open models are by their bytes; null until, and unless, they were read. */
    readonly identity: TrioIdentity | null;
    readonly progress: Progress | null;
    readonly error: PlainError | null;
    /** The last one whose gates were applied to this session. */
    readonly applied: Recipe | null;
  };
  readonly log: readonly LogEntry[];
  readonly toasts: readonly Toast[];
  /** The one dialog that is open. */
  readonly dialog: 'open-models' | 'pairing' | 'calibration' | 'recipe' | 'storage' | 'shortcuts' | null;
  /** Layers that the dialog for opening models is to offer, until it has taken them over. */
  readonly offeredLayers: LayerSelection | null;
}

export interface StudioActions extends PreferenceActions, KeepingActions, QuietActions {
  connect(): Promise<void>;
  open(source: TrioSource): Promise<void>;
  cancelOpen(): void;
  pauseOpen(): void;
  resumeOpen(): void;
  /** Pairs models from their headers, for `preview`; what is open stays. */
  inspect(source: TrioSource): Promise<void>;
  /** The spectrum of one layer of what was inspected. */
  previewLayer(slot: number): Promise<void>;
  cancelPreview(): void;
  /** The models that were inspected are no longer those that are chosen. */
  dropPreview(): void;
  /** The worker died: called by whoever watches it. */
  engineLost(error: PlainError): void;
  /**
   * Connects again and reopens the last source, or the demo where nothing was open yet. Gates set so far are
   * carried over where the layout is the same.
   */
  reconnect(): Promise<void>;
  select(selection: Partial<Selection>): void;
  hover(slot: number | null): void;
  setGateTool(tool: GateTool): void;

  /** Live part of a gesture: applied and sent at once (held = locked), not yet in the history. */
  previewGates(indices: Uint32Array, values: Float32Array): void;
  /** Ends the gesture: everything since it began is one history entry, and its gates stay locked. */
  commitGates(label: string): void;
  /** Esc: gates and locks as before the gesture. */
  cancelGesture(): void;
  /** A whole edit at once (preset, typed number, bulk operation). `lock` null leaves the locks. */
  editGates(label: string, indices: Uint32Array, values: Float32Array | null, lock: boolean | null): void;
  undo(): void;
  redo(): void;

  /**
   * Gates for the k strongest subspaces of each matrix and one for its tail; null for all. Restarts undo.
   * Refused with a notice during a run.
   */
  setBudget(budget: number | null): Promise<void>;

  /**
   * Images and questions of one's own to calibrate on; null: the trio's again. Whether that is now so; what
   * went wrong is in `calibration`.
   */
  calibrate(source: CalibrationSource | null): Promise<boolean>;
  cancelCalibrating(): void;

  setOptions(options: Partial<DistillOptions>): void;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(count: number): Promise<void>;
  stop(): Promise<void>;
  /** Free gates back to half open. */
  reset(): void;
  /** `reset`, then a run. */
  startAfresh(): Promise<void>;

  /** β, γ and α of the second teacher as this trio suggests them; off is FRISM as published. */
  setSecondTeacher(on: boolean): void;

  takeSnapshot(label: string): void;
  restoreSnapshot(id: string): void;
  deleteSnapshot(id: string): void;
  /** Brings back the snapshot that was deleted last, to its place and with its score. */
  restoreDeleted(): void;
  /** Shows a snapshot's gates without applying them; null ends it. */
  peekSnapshot(id: string | null): void;
  evaluateSnapshot(id: string): Promise<void>;
  /** All snapshots not measured yet, one after another. */
  evaluateTrail(): Promise<void>;
  setEvaluationItems(items: number | null): void;
  evaluateCurrent(): Promise<void>;
  /** The merge by the chosen method, and the VLM once a session. */
  evaluateMethod(): Promise<void>;
  sweepTaskArithmetic(): Promise<void>;
  cancelMeasuring(): void;

  setTryIt(part: Partial<Pick<StudioState['tryIt'], 'image' | 'question'>>): void;
  /**
   * Shows an image file as the image that is asked about. Rejects, and keeps the image, where there are no pixels
   * of it; the error says why.
   */
  bringImage(file: File): Promise<void>;
  ask(): Promise<void>;
  /** The same question, with the merge by the chosen method as the merged model. */
  askMethod(): Promise<void>;
  /** Ends answering; the answers that were there before stay. */
  cancelAsking(): void;
  exportMerged(target: ExportTarget, format: ExportFormat): Promise<ExportReport | null>;
  /** The merge by the chosen method. */
  exportMethod(target: ExportTarget, maxShardBytes: number | null): Promise<ExportReport | null>;
  /** The recipe of the present gates as a download, without any weights. */
  saveRecipe(): Promise<void>;
  chooseMethod(id: MethodId): void;
  setMethodSetting(key: string, value: number): void;
  cancelExport(): void;
  setExportFormat(format: ExportFormat): void;
  /** Accepts an error among the session's findings by its code, or takes that back. */
  acceptFinding(code: string, accepted: boolean): void;
  /**
   * Reads the recipe of a file, or of the first of several that has one, and holds it against the open
   * models. Changes no gate.
   */
  openRecipe(files: readonly ReadableFile[]): Promise<void>;
  /** Ends the comparison of bytes; names, sizes and singular values were compared. */
  skipRecipeCheck(): void;
  /**
   * Gates, locks, budget and options as one entry of the history. `foreign`: also to layers whose subspaces
   * are others.
   */
  applyRecipe(foreign: boolean): Promise<void>;
  /** Leaves it; gates and models stay. */
  dropRecipe(): void;
  /** To the log, and as a notice where it is no mere information or offers a way out. */
  notify(level: LogEntry['level'], text: string, way?: WayOut): void;
  dismissToast(id: string): void;
  showDialog(dialog: StudioState['dialog']): void;
  /** Opens the dialog for opening models with these layers filled in; null: they have been taken over. */
  offerLayers(selection: LayerSelection | null): void;
}

export type StudioStore = StudioState & StudioActions;
