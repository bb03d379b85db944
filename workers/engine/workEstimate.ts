/**
 * Time left of a decomposition, from the operations that are still to be done and the rate at which workers were seen to do them.
 * Measured on the matrices themselves and not by the clock on the wall, so a pause does not spoil it.
 */
export class WorkEstimate {
  readonly #workers: number;
  #flopsLeft: number;
  #flopsDone = 0;
  #computeMs = 0;

  constructor(flops: number, workers: number) {
    this.#flopsLeft = flops;
    this.#workers = workers;
  }

  /** A matrix that was computed, in so many milliseconds of one worker. */
  computed(flops: number, computeMs: number): void {
    this.#flopsLeft -= flops;
    this.#flopsDone += flops;
    this.#computeMs += computeMs;
  }

  /** A matrix that needs no computing, because it was found. */
  spared(flops: number): void {
    this.#flopsLeft -= flops;
  }

  /** Null until something was computed. */
  get leftMs(): number | null {
    // Sums of flops are exact in float64 up to 9e15; beyond that a rest of rounding must not count as work.
    if (this.#flopsLeft < 1) return 0;
    return this.#flopsDone === 0 ? null : (this.#flopsLeft / this.#flopsDone) * (this.#computeMs / this.#workers);
  }
}
