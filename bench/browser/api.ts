/**
 * What the benchmarks ask of the browser. All methods named `…Ms` are measured there, by its own clock; arguments and results are
 * plain JSON, for they come from Node through the browser's debugging protocol.
 */

/** In a Worker, where the studio computes. */
export interface WorkerApi {
  environment(): Promise<BrowserEnvironment>;

  /** Float32, row-major, at an address on the bench's own server; kept for the calls that follow. */
  loadMatrix(url: string, rows: number, cols: number): Promise<void>;
  thinSvdMs(): Promise<number>;
  singularValues(): Promise<number[]>;
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
