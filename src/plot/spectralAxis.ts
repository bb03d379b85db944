/**
 * The horizontal axis of a spectrum. Positions along a spectrum are relative, u in [0, 1], strongest first; the axis says where in
 * [0, 1] of its width a position is drawn: evenly, or logarithmically in the number, for `count` of them, so that
 * the few strong directions get room. `place` and `unplace` are inverse to each other and monotone.
 */
export interface SpectralAxis {
  readonly kind: 'linear' | 'log';
  readonly count: number;
  place(u: number): number;
  unplace(t: number): number;
}

export function spectralAxis(kind: 'linear' | 'log', count: number): SpectralAxis {
  if (kind === 'linear') return { kind, count, place: (u) => u, unplace: (t) => t };
  // Subspace i is centred on number i + 1 = u·count + ½; the axis runs from number ½ to count + ½.
  const first = 0.5;
  const decades = Math.log((count + 0.5) / first);
  return {
    kind,
    count,
    place: (u) => Math.log(Math.max(first, u * count + 0.5) / first) / decades,
    unplace: (t) => Math.min(1, Math.max(0, (first * Math.exp(t * decades) - 0.5) / count)),
  };
}

/** Subspace numbers, counted from 1, worth a tick. */
export function axisTicks(axis: SpectralAxis): number[] {
  const { count, kind } = axis;
  if (kind === 'log') {
    const ticks: number[] = [];
    for (let power = 1; power <= count; power *= 10) for (const m of [1, 2, 5]) if (m * power <= count) ticks.push(m * power);
    return ticks;
  }
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].find((candidate) => count / candidate <= 8) ?? 2048;
  const ticks = [1];
  for (let number = step; number <= count; number += step) if (number > 1) ticks.push(number);
  return ticks;
}

/**
 * The subspaces [start, end) of a slot drawn in pixel column `column` of `columns`; never none. Where a subspace is wider than a
 * column, several columns show it.
 */
export function columnRange(axis: SpectralAxis, count: number, column: number, columns: number, out: { start: number; end: number }): void {
  const from = axis.unplace(column / columns);
  const to = axis.unplace((column + 1) / columns);
  out.start = Math.min(count - 1, Math.max(0, Math.floor(from * count)));
  out.end = Math.min(count, Math.max(out.start + 1, Math.floor(to * count)));
}
