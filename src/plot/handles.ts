/**
 * Handles along a curve: where they stand (in shares of the axis, ascending) and how far each one's pull
 * reaches. A pull falls off as a raised cosine to nothing at the neighbouring handles and is whole beyond the
 * outermost, so that the weights of all handles sum to 1 everywhere: moving all alike moves the whole curve.
 */
export function evenHandles(count: number): number[] {
  return Array.from({ length: count }, (_, k) => (count === 1 ? 0.5 : k / (count - 1)));
}

/** Weight in [0, 1] of handle `k` at share `t` of the axis. */
export function handleWeight(places: readonly number[], k: number, t: number): number {
  const here = places[k] ?? 0;
  const neighbour = t < here ? places[k - 1] : places[k + 1];
  if (neighbour === undefined || t === here) return 1;
  const distance = (t - here) / (neighbour - here);
  return distance >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * distance);
}

/**
 * The places with handle `k` moved to `t`, kept between its neighbours with at least `gap` to each; the
 * outermost stay at the ends.
 */
export function moveHandle(places: readonly number[], k: number, t: number, gap: number): number[] {
  const moved = [...places];
  if (k === 0 || k === places.length - 1) return moved;
  const low = (places[k - 1] ?? 0) + gap;
  const high = (places[k + 1] ?? 1) - gap;
  moved[k] = Math.min(high, Math.max(low, t));
  return moved;
}
