/**
 * What the benchmarks ask of the browser. All methods named `…Ms` are measured there, by its own clock; arguments and results are
 * plain JSON, for they come from Node through the browser's debugging protocol.
 */

import type { FolderSource } from '../../src/protocol/session.ts';

/** In a Worker, where the studio computes. */
export interface WorkerApi extends IoTasks {
  environment(): Promise<BrowserEnvironment>;

  /** Float32, row-major, at an address on the bench's own server; kept for the calls that follow. */
  loadMatrix(url: string, rows: number, cols: number): Promise<void>;
  thinSvdMs(): Promise<number>;
  singularValues(): Promise<number[]>;
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

export interface BrowserEnvironment {
  readonly cores: number;
  /** Whether WebAssembly threads can share memory: cross-origin isolation. */
  readonly isolated: boolean;
}

/** On the page: picked files, and pictures of gates, redrawn frame after frame. */
export interface PageApi {
  /** Gives the files in the page's file input to the worker, as one folder. */
  usePicked(): Promise<void>;
  /** Replaces the picture; resolves when it has been drawn. */
  mount(library: Library, scene: SceneName): Promise<void>;
  /** Intervals between `count` frames, each with other gates. */
  frameMs(count: number): Promise<number[]>;
}

export type Library = 'studio' | 'recharts';

/**
 * `map`: all gates of SmolLM2-135M's shapes at once; `curves`: those of 29 of its matrices, as many as the gate editor draws;
 * `one-curve`: as many gates as the map has, in one curve.
 */
export type SceneName = 'map' | 'curves' | 'one-curve';

export interface BenchWindow {
  readonly frismBench: {
    readonly worker: WorkerApi;
    readonly page: PageApi;
  };
}
