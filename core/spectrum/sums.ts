/** Sums over a spectrum, in float64. */

export function sumOf(values: ArrayLike<number>, of: (value: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += of(values[i] as number);
  return total;
}

/** Σσ² = ‖W‖²_F. */
export const energy = (sigma: ArrayLike<number>): number => sumOf(sigma, (value) => value * value);

/**
 * The median of `count` falling values, of which those at the end may be left out that are 0; the mean of the
 * middle two where `count` is even, as numpy has it. 0 where `count` is 0.
 */
export function medianOf(falling: ArrayLike<number>, count: number): number {
  const half = count >> 1;
  const upper = falling[count % 2 === 0 ? half - 1 : half] ?? 0;
  return (upper + (falling[half] ?? 0)) / 2;
}
