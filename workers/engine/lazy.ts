/** Called with the size of each tensor as it is loaded. */
export type OnBytes = (bytes: number) => void;
type Make<T> = (signal: AbortSignal, onBytes: OnBytes) => Promise<T>;

/**
 * A value that is made when first asked for. A failed attempt is forgotten, so that it can be tried again.
 */
export class Lazy<T> {
  readonly #make: Make<T>;
  #made: { readonly value: T } | null = null;

  constructor(make: Make<T>) {
    this.#make = make;
  }

  /** Calls must not overlap; the engine's mutex sees to that. */
  async get(signal: AbortSignal, onBytes: OnBytes = () => undefined): Promise<T> {
    this.#made ??= { value: await this.#make(signal, onBytes) };
    return this.#made.value;
  }

  /** What was made, if anything; it is then forgotten. */
  take(): T | null {
    const made = this.#made?.value ?? null;
    this.#made = null;
    return made;
  }
}
