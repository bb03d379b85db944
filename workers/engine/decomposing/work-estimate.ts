/**
 * Time left of a decomposition, from the operations that are still to be done and the rate at which workers
 * were seen to do them. The rate is measured on the matrices themselves and not by the clock on the wall, so
 * that a pause does not distort it.
 */

/**
 * Small matrices are done at a lower rate: they say nothing about ones with more than so many times their
 * operations.
 */
const likeness = 8;

export class WorkEstimate {
  readonly #workers: number;
  /** Operations of each matrix not done yet. */
  readonly #left: number[];
  #flopsSeen = 0;
  #computeMs = 0;

  constructor(flops: readonly number[], workers: number) {
    this.#left = [...flops];
    this.#workers = workers;
  }

  /** A matrix that was computed, in so many milliseconds of one worker. */
  computed(flops: number, computeMs: number): void {
    this.spared(flops);
    if (this.#left.some((other) => other > likeness * flops)) return;
    this.#flopsSeen += flops;
    this.#computeMs += computeMs;
  }

  /** A matrix that needs no computing, because it was found. */
  spared(flops: number): void {
    const at = this.#left.indexOf(flops);
    if (at >= 0) this.#left.splice(at, 1);
  }

  /** Null until a matrix was computed that tells something about those that are left. */
  get leftMs(): number | null {
    if (this.#left.length === 0) return 0;
    if (this.#flopsSeen === 0) return null;
    const flops = this.#left.reduce((sum, each) => sum + each, 0);
    return (flops / this.#flopsSeen) * (this.#computeMs / Math.min(this.#workers, this.#left.length));
  }
}
