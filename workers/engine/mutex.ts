/**
 * One body at a time, in the order they asked. A body that throws lets the next one in. Who is cancelled
 * while waiting rejects at once with the signal's reason and never gets in; a body that has begun hears the
 * signal itself.
 */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(body: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let begun = false;
    const turn = this.#last.then(() => {
      signal?.throwIfAborted();
      begun = true;
      return body();
    });
    this.#last = turn.catch(() => undefined);
    if (!signal) return turn;
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        if (!begun) reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      void turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }
}
