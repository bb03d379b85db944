/**
 * What the benchmarks ask of the browser. All methods named `…Ms` are measured there, by its own clock; arguments and results are
 * plain JSON, for they come from Node through the browser's debugging protocol.
 */

import type { FolderSource, Role } from '../../src/protocol/session.ts';

/** In a Worker, where the studio computes. */
export interface WorkerApi {
  environment(): Promise<BrowserEnvironment>;

  /** Float32, row-major, at an address on the bench's own server; kept for the calls that follow. */
  loadMatrix(url: string, rows: number, cols: number): Promise<void>;
  thinSvdMs(): Promise<number>;
  singularValues(): Promise<number[]>;

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
  /** Until the first spectrum, a preview or not; until the last preview, 0 where there was none; until the end. */
  readonly firstMs: number;
  readonly lookedMs: number;
  readonly totalMs: number;
  readonly previews: number;
  readonly exact: number;
  readonly cached: number;
  /** Estimates of the time left, with when they were made. */
  readonly etaMs: readonly (readonly [number, number])[];
}

export interface BrowserEnvironment {
  readonly cores: number;
  /** Whether WebAssembly threads can share memory: cross-origin isolation. */
  readonly isolated: boolean;
}

/** On the page. */
export interface PageApi {
  readonly ready: true;
}

export interface BenchWindow {
  readonly frismBench: {
    readonly worker: WorkerApi;
    readonly page: PageApi;
  };
}
