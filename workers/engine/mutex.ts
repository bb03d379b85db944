/**
 * Runs one body at a time, in the order in which they asked. A body that throws lets the next one in. A body
 * that is cancelled while it waits rejects at once with the signal's reason and is never run. A body that has
 * begun has to listen to the signal itself.
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
