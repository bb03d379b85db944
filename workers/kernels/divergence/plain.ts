/** The divergence and its gradient by loops in float64: what the fused operation is held to. */
import type { Matrix } from '../../backend/reference.ts';

/** Log-probabilities of one row of logits, in nats. */
export function logSoftmax(row: Float64Array): Float64Array {
  const highest = row.reduce((most, z) => Math.max(most, z), -Infinity);
  const logSum = highest + Math.log(row.reduce((total, z) => total + Math.exp(z - highest), 0));
  return row.map((z) => z - logSum);
}

/**
 * `teacher` [P, V] log-probabilities, `logits` [P, K ≥ V], `share` [P] → Σ share · KL, and its gradient by the
 * logits [P·K].
 */
export function plainDivergence(
  teacher: Matrix,
  logits: Matrix,
  share: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } {
  let value = 0;
  const gradient = new Float64Array(logits.data.length);
  for (let row = 0; row < logits.rows; row++) {
    const at = row * logits.columns;
    const own = logSoftmax(logits.data.subarray(at, at + teacher.columns));
    for (const [j, q] of own.entries()) {
      const p = teacher.data[row * teacher.columns + j]!;
      value += share[row]! * Math.exp(p) * (p - q);
      gradient[at + j] = share[row]! * (Math.exp(q) - Math.exp(p));
    }
  }
  return { value, gradient };
}
