/**
 * Adam (Kingma and Ba, 2015) on plain arrays, bias-corrected as `torch.optim.Adam`: β 0.9 and 0.999, ε 1e-8
 * added outside the square root, no weight decay. float64 throughout.
 *
 * Each parameter counts its own steps, as each tensor does in torch. Moments that start from zero late in a
 * run, after a lock or an edit, are corrected for their own age: by the run's, the first steps would be √10
 * to 7 times too long, because β₂ forgets more slowly than β₁.
 */
import type { OptimiserState } from '../../core/runs/run-checkpoint.ts';

/** What Adam remembers of each parameter. */
export type AdamState = Pick<OptimiserState, 'first' | 'second' | 'ages'>;

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #steps: Uint32Array;
  readonly #learningRate: number;

  /** @param from where another one stood; copied */
  constructor(size: number, learningRate: number, from: AdamState | null = null) {
    this.#first = from?.first.slice() ?? new Float64Array(size);
    this.#second = from?.second.slice() ?? new Float64Array(size);
    this.#steps = from?.ages.slice() ?? new Uint32Array(size);
    this.#learningRate = learningRate;
  }

  /** A copy. */
  state(): AdamState {
    return { first: this.#first.slice(), second: this.#second.slice(), ages: this.#steps.slice() };
  }

  /**
   * One step: `parameters` change in place, except where `frozen` is not 0; those keep their moments and
   * their count as well.
   */
  step(parameters: Float64Array, gradient: Float64Array, frozen: Uint8Array): void {
    let age = 0; // most parameters are of one age
    let stepSize = 0;
    let correction = 0;
    for (let i = 0; i < parameters.length; i++) {
      if (frozen[i]) continue;
      const steps = (this.#steps[i] as number) + 1;
      this.#steps[i] = steps;
      if (steps !== age) {
        age = steps;
        stepSize = this.#learningRate / (1 - beta1 ** age);
        correction = Math.sqrt(1 - beta2 ** age);
      }
      const g = gradient[i] as number;
      const m = beta1 * (this.#first[i] as number) + (1 - beta1) * g;
      const v = beta2 * (this.#second[i] as number) + (1 - beta2) * g * g;
      this.#first[i] = m;
      this.#second[i] = v;
      parameters[i] = (parameters[i] as number) - (stepSize * m) / (Math.sqrt(v) / correction + epsilon);
    }
  }

  /** Forgets the past of one parameter, after it was moved by hand. */
  forget(index: number): void {
    this.#first[index] = 0;
    this.#second[index] = 0;
    this.#steps[index] = 0;
  }
}
