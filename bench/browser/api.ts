/**
 * What the benchmarks ask of the browser. All methods named `…Ms` are measured there, by its own clock;
 * arguments and results are plain JSON, for they come from Node through the browser's debugging protocol.
 */

import type { BackendName } from '../../core/memory/facts.ts';
import type { Losses } from '../../core/objective/terms.ts';
import type { Role } from '../../core/family/trio.ts';
import type { FolderSource } from '../../protocol/session.ts';

/** In a Worker, where the studio computes. */
export interface WorkerApi extends SvdTasks, TrioTasks, IoTasks, KernelTasks, StudioTasks {
  environment(): Promise<BrowserEnvironment>;
}

export interface SvdTasks {
  /** Float32, row-major, at an address on the bench's own server; kept for the calls that follow. */
  loadMatrix(url: string, rows: number, cols: number): Promise<void>;
  thinSvdMs(): Promise<number>;
  /** The first look that the studio takes at a matrix. */
  previewMs(): Promise<number>;
  /**
   * Products on WebGPU, the eigenproblem in this worker; why, where the matrix was handed back to the kernel
   * after all.
   */
  gpuSvd(): Promise<{ readonly ms: number; readonly handedBack: string | null }>;
  singularValues(): Promise<number[]>;
}

export interface TrioTasks {
  /** Opens a trio of picked folders and decomposes its layers, or finds them in the cache. */
  decomposeTrio(job: TrioJob): Promise<TrioTimes>;
  /** Empties the cache of factors. */
  forgetFactors(): Promise<void>;
}

export interface TrioJob {
  readonly trio: Readonly<Record<Role, FolderSource>>;
  readonly workers: number;
  /** Linear layers of these kinds alone, and at most so many of them. */
  readonly kinds?: readonly string[];
  readonly matrices?: number;
  /** `once`: as over a network, exact at once and without a first look. */
  readonly order?: 'once';
}

export interface TrioTimes {
  readonly matrices: number;
  /**
   * Until the first spectrum, a preview or not; until the last preview, 0 where there was none; until the
   * end.
   */
  readonly firstMs: number;
  readonly lookedMs: number;
  readonly totalMs: number;
  readonly previews: number;
  /** When each exact spectrum came. */
  readonly exactMs: readonly number[];
  readonly cached: number;
  /** Estimates of the time left, with when they were made. */
  readonly etaMs: readonly (readonly [number, number])[];
}

/** Reading the checkpoint in a picked folder. */
export interface IoTasks {
  /** From the page, which has the files. */
  useFolder(folder: FolderSource): Promise<void>;
  /** config.json and headers, checked. */
  openMs(): Promise<number>;
  /** Tensors one after another, as float32. */
  readMs(names: readonly string[]): Promise<number>;
  /** Sum of a tensor's elements in float64: to see that both sides read the same. */
  total(name: string): Promise<number>;
}

export type Device = BackendName;

/**
 * What the studio mends or replaces in tfjs 4.22, beside tfjs's own, on the same tensors. wasm runs on one
 * thread.
 */
export interface KernelTasks {
  /**
   * Makes tensors of noise for the calls that follow; resolves with the largest difference of the two
   * results, relative to the largest element.
   */
  prepareKernel(device: Device, kernel: MatMulCase | FusedCase): Promise<number>;
  /** Once, until its result can be read; the mean of as many as 30 ms hold. */
  kernelMs(side: 'ours' | 'stock'): Promise<number>;
}

/** An operation on matrices rows × columns, there and back. */
export interface FusedCase {
  readonly fused: 'rmsNorm' | 'swiglu' | 'divergence';
  readonly rows: number;
  readonly columns: number;
}

/** op(A) · op(B), m × k and k × n, `batch` of them. */
export interface MatMulCase {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The demo trio in the studio's engine, on the device that was asked for first; wasm on one thread. */
export interface StudioTasks {
  /** Starts a run with the trio's default options and lets it rest before its first step. */
  startRun(device: Device): Promise<void>;
  /** So many further steps: the mean. */
  stepMs(count: number): Promise<number>;
  endRun(): Promise<void>;
  /** Losses of the last step. */
  losses(): Promise<Losses | null>;
  /** Greedy answers of the VLM to the first `rows` calibration questions, their images encoded beforehand. */
  generateMs(device: Device, rows: number): Promise<number>;
  /** Ids of the answers that were generated last. */
  answers(): Promise<number[][]>;
}

export interface BrowserEnvironment {
  /** A graphics processor: not a program that imitates one. */
  readonly gpu: string | null;
  readonly cores: number;
  /** Whether WebAssembly threads can share memory: cross-origin isolation. */
  readonly isolated: boolean;
}

/** On the page: picked files, and pictures of gates, redrawn frame after frame. */
export interface PageApi {
  /**
   * Takes the files in the page's file input as one folder, for what follows; those of the base go to
   * `useFolder` as well.
   */
  usePicked(role: Role): Promise<void>;
  /** `decomposeTrio` of the picked folders. */
  decompose(job: Omit<TrioJob, 'trio'>): Promise<TrioTimes>;
  /** Replaces the picture; resolves when it has been drawn. */
  mount(library: Library, scene: SceneName): Promise<void>;
  /** Intervals between `count` frames, each with other gates. */
  frameMs(count: number): Promise<number[]>;
}

export type Library = 'studio' | 'recharts';

/**
 * `map`: all gates of SmolLM2-135M's shapes at once; `curves`: those of 29 of its matrices, as many as the
 * gate editor draws; `one-curve`: as many gates as the map has, in one curve.
 */
export type SceneName = 'map' | 'curves' | 'one-curve';

export interface BenchWindow {
  readonly frismBench: {
    readonly worker: WorkerApi;
    readonly page: PageApi;
  };
}
