/** Scaling that costs no accuracy: by powers of two. */

/**
 * The largest power of two that is ≤ value, value > 0; 1 for the inverse of zero, and of anything so small
 * that the scaling would overflow.
 */
export function powerOfTwoBelow(value: number): number {
  if (value === Infinity) return 1;
  let power = 1;
  while (power > value) power /= 2;
  while (power * 2 <= value) power *= 2;
  return power;
}
