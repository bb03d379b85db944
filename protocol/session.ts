import type { Role } from '../core/family/trio.ts';
import type { LinearKind } from '../core/family/linear-kinds.ts';
import type { Basis } from '../core/gates/basis.ts';
import type { GateField, GateLayout } from '../core/gates/field.ts';
import type { Finding, PairingReport } from '../core/family/pairing.ts';
import type { LayerSelection } from '../core/family/selection.ts';
import type { PassedOver } from '../core/reading/folder-rules.ts';
import type { MemoryFacts } from '../core/memory/facts.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type { Measures } from '../core/spectrum/measures.ts';

/** What the page may hand over as a file: `File` and `Blob` satisfy it; both survive structured clone. */
export interface BlobLike {
  readonly size: number;
  slice(start?: number, end?: number): BlobLike;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A model folder that a person chose. Paths are relative to the folder, with forward slashes. */
export interface FolderSource {
  readonly label: string;
  readonly files: readonly { readonly path: string; readonly file: BlobLike }[];
  /** What is there and is no part of the folder: none of it gets into an export, which names it. */
  readonly passedOver?: readonly PassedOver[];
}

/** A model repository on the Hugging Face Hub, or on a mirror that speaks as the Hub does. */
export interface HubSource {
  readonly kind: 'hub';
  /** `owner/name`, or `name` alone as the oldest repositories have it. */
  readonly repo: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /**
   * Access token for gated and private repositories. It is held in memory and sent to the endpoint and
   * nowhere else.
   */
  readonly token?: string;
  /** Origin and, if any, path prefix of a mirror; the public Hub when absent. */
  readonly endpoint?: string;
}

/** Where one of the three models comes from. */
export type PartSource = FolderSource | HubSource;

export type TrioSource =
  /** A manifest served with the page (the demo): `url` of manifest.json, its folders beside it. */
  (
    | { readonly kind: 'manifest'; readonly url: string }
    /** A folder with a manifest.json in it, its models and data sets beside it. */
    | { readonly kind: 'manifest-folder'; readonly folder: FolderSource }
    | {
        readonly kind: 'folders';
        readonly base: FolderSource;
        readonly vlm: FolderSource;
        readonly lrm: FolderSource;
      }
    /** Like `folders`, but each model comes from a place of its own. */
    | {
        readonly kind: 'parts';
        readonly base: PartSource;
        readonly vlm: PartSource;
        readonly lrm: PartSource;
      }
  ) & {
    /**
     * Which of the layers that pair are opened; all of them where this is absent. `inspect` and
     * `layerSpectrum` are about all layers, whatever is chosen.
     */
    readonly selection?: LayerSelection;
    /**
     * What the models will be used for. Opening models that cannot be used so is refused once their headers and
     * small files are read, before anything is decomposed.
     */
    readonly needs?: readonly Need[];
  };

/** `running`: that the models answer here. The others: that, and that the trio brings the set of this name. */
export type Need = 'running' | 'calibration' | Ability;

export interface ModelSummary {
  readonly role: Role;
  readonly label: string;
  /** `architectures[0]` of config.json. */
  readonly architecture: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly dtypes: readonly string[];
}

/** One merged linear layer. Its index in `Session.slots` is its index in `GateLayout.slots`. */
export interface SlotInfo {
  readonly id: string;
  readonly layer: number;
  readonly kind: LinearKind | 'other';
  /** [out, in], as stored. */
  readonly shape: readonly [number, number];
  readonly rank: number;
  /** Full tensor name in each checkpoint. */
  readonly tensors: Readonly<Record<Role, string>>;
}

/**
 * What made the factors of a matrix: the float64 kernel, or the compute device with the kernel solving the
 * eigenproblem.
 */
export type DecomposedBy = 'kernel' | 'device';

export interface SlotSpectrum {
  readonly slot: number;
  /**
   * Singular values in falling order, float32. An exact spectrum has all of them (length rank), a preview
   * only the strongest. In another basis than the SVD the strengths of the pieces.
   */
  readonly singularValues: Float32Array;
  /**
   * In a preview, what needs the weaker singular values is NaN (`ofPreview` of the measure); in another basis than
   * the SVD, what is about singular values.
   */
  readonly measures: Measures;
  /** True when read from the cache rather than computed now. */
  readonly cached: boolean;
  /**
   * False for a preview, which is made quickly and is approximate. The exact spectrum follows and takes its
   * place.
   */
  readonly exact: boolean;
  /** Absent in a preview. */
  readonly by?: DecomposedBy;
}

/** What a question asks of a model: to see, or to think. */
export type Ability = 'perception' | 'reasoning';

export interface PromptChoice {
  readonly prompt: string;
  readonly label: string;
  readonly kind: Ability;
}

/** A surface to draw an input on: a board of `rows` × `columns` cells in one image. */
export interface BoardGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly cellPixels: number;
  readonly inks: readonly { readonly name: string; readonly color: readonly [number, number, number] }[];
  readonly background: readonly [number, number, number];
}

/** RGBA, 8 bits, row-major. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** How an answer is told right from wrong. `exact`: the whole text. `final`: what follows its last `=`. */
export type ScoringRule = 'exact' | 'final';

/** What is right to answer to a question about an image. */
export interface KnownAnswer {
  readonly prompt: string;
  readonly answer: string;
  readonly scoring: ScoringRule;
}

export interface ExampleImage {
  readonly id: string;
  readonly image: RgbaImage;
  /** What is written on it, or null where that is not known. */
  readonly text: string | null;
  /** Of the questions to which the trio's sets know the answer. */
  readonly answers: readonly KnownAnswer[];
}

/** What the session can do beyond spectra, merge and export, and why not when it cannot. */
export type ForwardSupport =
  | {
      readonly available: true;
      readonly prompts: readonly PromptChoice[];
      readonly examples: readonly ExampleImage[];
      readonly board: BoardGeometry | null;
      /** Numbers of items, 0 where the trio brings no such set. */
      readonly calibrationItems: number;
      /** Text prompts for the second teacher. */
      readonly tracePrompts: number;
      readonly perceptionItems: number;
      readonly reasoningItems: number;
      readonly secondTeacher: boolean;
      /** Whether large images are cut into several tiles, and one tile of the whole can be had instead. */
      readonly cutsImages: boolean;
    }
  | { readonly available: false; readonly reason: string };

/** An image file that a person brought. `name` is what messages call it by. */
export interface NamedImage {
  readonly name: string;
  readonly file: BlobLike;
}

/**
 * A person's own images and questions to calibrate on, in place of what the trio brings. Every question is
 * asked about every image.
 */
export interface CalibrationSource {
  readonly images: readonly NamedImage[];
  readonly questions: readonly string[];
  /** Text prompts for the second teacher (β). An empty list keeps those that the trio brings. */
  readonly traces: readonly string[];
  /** Tokens of an answer beyond this number are not compared. */
  readonly maxAnswerTokens: number;
  /** Each image in one tile, where the family would cut it into several. */
  readonly wholeImages: boolean;
}

/** What was taken as calibration, and what can be done with it. */
export interface CalibrationReport {
  readonly images: number;
  /** Images times questions. */
  readonly items: number;
  readonly traces: number;
  /** Images that were not taken, each with its index in the source and a sentence that says why. */
  readonly refused: readonly { readonly index: number; readonly name: string; readonly reason: string }[];
  /** Texts that are longer than the models were made for. */
  readonly findings: readonly Finding[];
  /** The same facts as `Session.memory`, with these images and questions. */
  readonly memory: MemoryFacts;
  readonly secondTeacher: boolean;
  readonly defaults: DistillOptions;
  readonly secondTeacherDefaults: Session['secondTeacherDefaults'];
}

/** What headers alone tell of a trio: nothing has been decomposed and no weight was read. */
export interface TrioPreview {
  readonly models: Readonly<Record<Role, ModelSummary>>;
  readonly pairing: PairingReport;
  readonly slots: readonly SlotInfo[];
  /** Memory facts of all layers that pair, from headers and the image processor's configuration. */
  readonly memory: MemoryFacts;
}

export interface Session {
  readonly id: string;
  readonly label: string;
  readonly models: Readonly<Record<Role, ModelSummary>>;
  readonly pairing: PairingReport;
  readonly slots: readonly SlotInfo[];
  readonly layout: GateLayout;
  /** In which the task vectors have their gates: the SVD until `setBasis` says another. */
  readonly basis: Basis;
  readonly gates: GateField;
  readonly forward: ForwardSupport;
  /** Memory facts of the slots that are open. */
  readonly memory: MemoryFacts;
  readonly defaults: DistillOptions;
  /** β and γ that the second-teacher switch sets for this trio, and the α that goes with them. */
  readonly secondTeacherDefaults: Pick<DistillOptions, 'alpha' | 'beta' | 'gamma'>;
}
