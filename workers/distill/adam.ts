/**
 * Adam (Kingma and Ba, 2015) on plain arrays, bias-corrected as `torch.optim.Adam`: β 0.9 and 0.999, ε 1e-8 added outside
 * the square root, no weight decay. float64 throughout.
 */
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #learningRate: number;
  #step = 0;

  constructor(size: number, learningRate: number) {
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#learningRate = learningRate;
  }

  /** One step: `parameters` change in place, except where `frozen` is not 0; those keep their moments as well. */
  step(parameters: Float64Array, gradient: Float64Array, frozen: Uint8Array): void {
    this.#step++;
    const stepSize = this.#learningRate / (1 - beta1 ** this.#step);
    const correction = Math.sqrt(1 - beta2 ** this.#step);
    for (let i = 0; i < parameters.length; i++) {
      if (frozen[i]) continue;
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
  }
}
