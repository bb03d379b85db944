/**
 * Decompositions one behind the other, so that device and workers are busy at the same time: while workers solve the eigenproblems of some
 * matrices, the device makes the Gram matrix of the next one. The eigenproblem takes longer than all else, so the device is never
 * what is waited for, and one matrix at a time on it is enough.
 */
import { hybridSvd, type HybridParts, type HybridSvd } from './hybrid.ts';

export interface HybridMatrix<Id> {
  readonly id: Id;
  readonly rows: number;
  readonly cols: number;
  /** float32, row-major; asked for when its turn has come. */
  read(signal: AbortSignal): Promise<Float32Array>;
}

export interface HybridResult<Id> {
  readonly id: Id;
  readonly svd: HybridSvd;
}

export interface PipelineParts extends Omit<HybridParts, 'onDevice'> {
  /** How many eigenproblems are solved at the same time. */
  readonly workers: number;
  /** Orders the visits to the device among these matrices and whatever else computes there. Default: among these matrices. */
  readonly onDevice?: HybridParts['onDevice'];
}

/**
 * Results as they are done, not in the order given. At most `workers` + 1 matrices are read and not yet taken: who asks for no more results
 * stops it. Rejects, and takes no more matrices, when one fails or the signal aborts; then, as when the caller leaves early, what is under
 * way ends at its next step, before this does.
 */
export async function* hybridPipeline<Id>(
  matrices: Iterable<HybridMatrix<Id>> | AsyncIterable<HybridMatrix<Id>>,
  { workers, onDevice = inTurn(), ...parts }: PipelineParts,
  signal: AbortSignal,
): AsyncGenerator<HybridResult<Id>, void, undefined> {
  const leaving = new AbortController();
  const either = AbortSignal.any([signal, leaving.signal]);
  const source = Symbol.asyncIterator in matrices ? matrices[Symbol.asyncIterator]() : matrices[Symbol.iterator]();
  const underway = new Set<Promise<HybridResult<Id>>>();
  const decompose = async (matrix: HybridMatrix<Id>): Promise<HybridResult<Id>> => {
    const a = await matrix.read(either);
    return { id: matrix.id, svd: await hybridSvd(a, matrix.rows, matrix.cols, { ...parts, onDevice }, either) };
  };
  let exhausted = false;
  try {
    for (;;) {
      while (!exhausted && underway.size < Math.max(1, workers) + 1) {
        either.throwIfAborted();
        const next = await source.next();
        if (next.done) exhausted = true;
        else underway.add(heard(decompose(next.value)));
      }
      if (underway.size === 0) return;
      const [done, result] = await Promise.race([...underway].map(async (promise) => [promise, await promise] as const));
      underway.delete(done);
      yield result;
    }
  } finally {
    leaving.abort(new Error('The rest of the matrices is no longer wanted.'));
    await Promise.allSettled(underway);
    if (!exhausted) await source.return?.();
  }
}

/** May fail while nobody waits for it; whoever then does is told. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** One visit at a time, in the order asked for. */
function inTurn(): NonNullable<HybridParts['onDevice']> {
  let last: Promise<unknown> = Promise.resolve();
  return (visit) => {
    const turn = last.then(visit);
    last = turn.catch(() => undefined);
    return turn;
  };
}
