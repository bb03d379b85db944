/**
 * Where bytes come from and where they are kept. Nothing here knows what a model is.
 */
import type { Finding } from '../../core/family/pairing.ts';
import type { PassedOver } from '../../core/reading/folder-rules.ts';
import type { RgbaImage } from '../../protocol/session.ts';

/** One file, read by range. */
export interface ByteSource {
  /** For messages: the path that a person would recognise. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Bytes [begin, end), exactly end − begin of them or an error. */
  read(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** One folder of files: a picked directory, a URL prefix, a directory on disk, or bytes in memory. */
export interface ModelFolder {
  readonly label: string;
  /** Reading something again takes as long as the first time: a network lies between. */
  readonly remote?: boolean;
  /**
   * Null when the folder has no such file. Errors are for everything else (network, permission, a path
   * outside the folder).
   */
  open(path: string, signal?: AbortSignal): Promise<ByteSource | null>;
  /** Absent where there is no way to know: a server of files does not say what it has. */
  readonly list?: (signal?: AbortSignal) => Promise<FolderListing>;
}

export interface FolderListing {
  /** Paths of the folder's files and of those in its subfolders, sorted; each of them can be opened. */
  readonly files: readonly string[];
  /** What else is there: hidden and deeper folders, links that lead out of the folder. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Whatever may be made or fetched again, by key (OPFS in the browser, a directory in Node, memory in tests).
 * Anything may have happened to an entry since it was put: its reader checks it. No room and faults of
 * storage are no errors: a cache is a convenience.
 */
export interface ByteCache {
  /** Whether entries lie outside this program's memory, so that whoever put one may let go of its copy. */
  readonly lasting: boolean;
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Whether the entry is now there. */
  put(key: string, bytes: Uint8Array): Promise<boolean>;
}

/**
 * A cache of computed factors. Several workers may read and write the same entries, each with a cache of its
 * own over the same files; the engine alone makes room in them.
 */
export interface FactorCache {
  /** Means what it means in a ByteCache. */
  readonly lasting: boolean;
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The first `sizeBytes` bytes of an entry, fewer where it is shorter, and how long it is. */
  head(key: string, sizeBytes: number): Promise<EntryHead | null>;
  /** Whether the entry, these parts one after another, is now there. */
  put(key: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<boolean>;
  /**
   * Room for an entry that is to be put or has just been, where needed by removing others: first those of
   * other versions, then those not used for longest, but none of `keep`. False when that cannot be; then
   * nothing is removed.
   */
  reserve(key: string, sizeBytes: number, keep: ReadonlySet<string>): Promise<boolean>;
  /** These entries have just been used. Ends all reservations. */
  used(keys: Iterable<string>): Promise<void>;
}

export interface EntryHead {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
}

export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** The shard that holds it. */
  readonly file: string;
}

/** scale · B · A: a difference of low rank by its factors, float32, row-major. */
export interface LowRank {
  /** [rows, rank] */
  readonly b: Float32Array<ArrayBuffer>;
  /** [rank, columns] */
  readonly a: Float32Array<ArrayBuffer>;
  readonly rank: number;
  readonly scale: number;
}

/** What headers tell of a difference of low rank. */
export interface AdaptedTensor {
  /** Inner size of its factors; the difference may be of lower rank still. */
  readonly rank: number;
  /** Bytes that are read for it: both factors, and the base's matrix where a part of it was taken out. */
  readonly sizeBytes: number;
}

/** An opened and checked checkpoint: config and headers in memory, tensor data on demand. */
export interface Checkpoint {
  readonly label: string;
  /** Whether its folder is remote. */
  readonly remote?: boolean;
  /** Parsed config.json; checked by the family readers, not here. */
  readonly config: unknown;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** `__metadata__` of all its files together, without what they disagree on. */
  readonly metadata: Readonly<Record<string, string>>;
  /** `__metadata__` of each file; absent where the tensors are not those of files. */
  readonly fileMetadata?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly sizeBytes: number;
  /**
   * What opening it found and did not use, or used otherwise than a reader might expect. Each message names the
   * model by its label. They reach whatever is done with the model: pairing, merging, answering.
   */
  readonly findings?: readonly Finding[];
  /**
   * How many tensors are stored as codes with scales and appear here as the float32 numbers they stand for.
   * Such a checkpoint can be read, but not written back in its own format.
   */
  readonly dequantised?: number;
  /** The stored bytes, little endian; of a dequantised tensor its float32 numbers. */
  readRaw(tensor: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes [begin, end) of a tensor's stored data: for tensors that are streamed rather than held. */
  readRange(
    tensor: string,
    begin: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Widened to float32. F32, F16, BF16, F64 and integer dtypes. */
  readFloat32(tensor: string, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>>;
  /** Where the checkpoint is an adapter on a base: the tensors that differ from it by a product of factors. */
  readonly adapted?: ReadonlyMap<string, AdaptedTensor>;
  /** Of an adapter: the other tensors in which it differs from its base, among them those that the base lacks. */
  readonly replaced?: ReadonlySet<string>;
  /**
   * The factors of such a tensor's difference from the base, for the caller to keep; null for every other
   * tensor.
   */
  lowRank?(tensor: string, signal?: AbortSignal): Promise<LowRank | null>;
  /**
   * A small text file of the folder (tokenizer.json, chat_template.jinja, …) without its byte order mark, or null.
   * `onFinding` is told of such a mark.
   */
  readText(
    path: string,
    signal?: AbortSignal,
    onFinding?: (finding: Finding) => void,
  ): Promise<string | null>;
}

/**
 * A folder being written: a directory, a set of downloads, or memory. Nothing in it looks like a finished
 * file before `commit`.
 */
export interface OutputFolder {
  readonly label: string;
  /** Files are written one at a time, in the order in which they are created. */
  create(path: string, signal?: AbortSignal): Promise<OutputFile>;
  /** Makes everything written visible. */
  commit(): Promise<void>;
  /**
   * Removes everything that was written. It never throws. What could not be removed is returned by its path.
   */
  discard(): Promise<readonly string[]>;
}

export interface OutputFile {
  /** Resolves when the next piece may come. The bytes may be reused by the caller afterwards. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

/** Pixels of an image file, or a `bad-file` error that says why there are none. `file` is for messages. */
export type DecodeImage = (bytes: Uint8Array<ArrayBuffer>, file: string) => Promise<RgbaImage>;
