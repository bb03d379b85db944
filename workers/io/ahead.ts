/**
 * Yields the same pieces in the same order, and makes the next ones while one is used, so that reading,
 * computing and writing overlap.
 */
export async function* ahead<T>(pieces: AsyncIterable<T>, depth = 1): AsyncGenerator<T, void, undefined> {
  const iterator = pieces[Symbol.asyncIterator]();
  const waiting: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const next = iterator.next();
    // Whoever takes it hears of a failure; until then it must not count as unhandled.
    next.catch(() => undefined);
    waiting.push(next);
  };
  try {
    for (let i = 0; i < depth; i++) ask();
    for (;;) {
      const next = await (waiting.shift() as Promise<IteratorResult<T>>);
      if (next.done) return;
      ask();
      yield next.value;
    }
  } finally {
    await Promise.allSettled(waiting);
    await iterator.return?.();
  }
}
