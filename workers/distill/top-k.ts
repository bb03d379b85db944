/** The k most probable tokens of a distribution, and what is left for all others. */
export interface TopK {
  /** k ids, most probable first; of equals the lower id. */
  readonly ids: Int32Array;
  /** k + 1 log-probabilities: of `ids`, and last log Σ over all others. */
  readonly logProbs: Float32Array;
}

/** In place of log 0: its exponential is 0 in float32, and it is finite. */
export const logOfNothing = -1000;

/**
 * `logProbs` of the whole vocabulary, k < its size. One pass with a heap of k ids; the rest is summed up in
 * float64.
 */
export function topK(logProbs: Float32Array, k: number): TopK {
  const isLess = (a: number, b: number) => {
    const [x, y] = [logProbs[a] as number, logProbs[b] as number];
    return x < y || (x === y && a > b);
  };
  // A heap with the least of the k at its root.
  const heap = new Int32Array(k);
  const sink = (start: number, size: number) => {
    const id = heap[start] as number;
    let at = start;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isLess(heap[child + 1] as number, heap[child] as number)) child++;
      if (!isLess(heap[child] as number, id)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = id;
  };
  for (let i = 0; i < k; i++) heap[i] = i;
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(i, k);
  let rest = 0;
  for (let id = k; id < logProbs.length; id++) {
    let out = id;
    if (isLess(heap[0] as number, id)) {
      out = heap[0] as number;
      heap[0] = id;
      sink(0, k);
    }
    rest += Math.exp(logProbs[out] as number);
  }
  const ids = heap.sort((a, b) => (isLess(a, b) ? 1 : -1));
  const kept = new Float32Array(k + 1);
  ids.forEach((id, i) => (kept[i] = Math.max(logOfNothing, logProbs[id] as number)));
  kept[k] = Math.max(logOfNothing, Math.log(rest));
  return { ids, logProbs: kept };
}
