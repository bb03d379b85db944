/** What a turn is to others, and what it hears while it is awaited. */
export interface TurnNames {
  /** What the body is, as in “the export”: whoever waits for it is told. */
  readonly owner: string;
  /** Told by name who holds the mutex, at once and whenever another takes it, for as long as the body waits. */
  readonly onWait?: ((holder: string) => void) | undefined;
}

/**
 * Runs one body at a time, in the order in which they asked. A body that throws lets the next one in. A body
 * that is cancelled while it waits rejects at once with the signal's reason and is never run. A body that has
 * begun has to listen to the signal itself.
 */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();
  #holder: string | null = null;
  readonly #waiting = new Set<(holder: string) => void>();

  run<T>(
    body: () => Promise<T>,
    signal?: AbortSignal,
    { owner, onWait }: TurnNames = { owner: 'other work' },
  ): Promise<T> {
    let begun = false;
    const tell = (holder: string): void => onWait?.(holder);
    if (this.#holder !== null) tell(this.#holder);
    this.#waiting.add(tell);
    const turn = this.#last.then(async () => {
      this.#waiting.delete(tell);
      signal?.throwIfAborted();
      begun = true;
      this.#holder = owner;
      for (const told of this.#waiting) told(owner);
      try {
        return await body();
      } finally {
        this.#holder = null;
      }
    });
    this.#last = turn.catch(() => undefined);
    if (!signal) return turn;
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        if (begun) return;
        this.#waiting.delete(tell);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      void turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }
}
