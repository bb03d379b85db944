/**
 * The horizontal axis of a spectrum. Positions along a spectrum are relative, u in [0, 1], strongest first; the axis says where in
 * [0, 1] of its width a position is drawn: evenly, or logarithmically in the subspace number of a slot of rank `rank`, so that
 * the few strong directions get room. `place` and `unplace` are inverse to each other and monotone.
 */
export interface SpectralAxis {
  readonly kind: 'linear' | 'log';
  readonly rank: number;
  place(u: number): number;
  unplace(t: number): number;
}

export function spectralAxis(kind: 'linear' | 'log', rank: number): SpectralAxis {
  if (kind === 'linear') return { kind, rank, place: (u) => u, unplace: (t) => t };
  // Subspace i is centred on number i + 1 = u·rank + ½; the axis runs from number ½ to rank + ½.
  const first = 0.5;
  const decades = Math.log((rank + 0.5) / first);
  return {
    kind,
    rank,
    place: (u) => Math.log(Math.max(first, u * rank + 0.5) / first) / decades,
    unplace: (t) => Math.min(1, Math.max(0, (first * Math.exp(t * decades) - 0.5) / rank)),
  };
}

/** Subspace numbers, counted from 1, worth a tick. */
export function axisTicks(axis: SpectralAxis): number[] {
  const { rank, kind } = axis;
  if (kind === 'log') {
    const ticks: number[] = [];
    for (let power = 1; power <= rank; power *= 10) for (const m of [1, 2, 5]) if (m * power <= rank) ticks.push(m * power);
    return ticks;
  }
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].find((candidate) => rank / candidate <= 8) ?? 2048;
  const ticks = [1];
  for (let number = step; number <= rank; number += step) if (number > 1) ticks.push(number);
  return ticks;
}

/**
 * The subspaces [start, end) of a slot drawn in pixel column `column` of `columns`; never none. Where a subspace is wider than a
 * column, several columns show it.
 */
export function columnRange(axis: SpectralAxis, rank: number, column: number, columns: number, out: { start: number; end: number }): void {
  const from = axis.unplace(column / columns);
  const to = axis.unplace((column + 1) / columns);
  out.start = Math.min(rank - 1, Math.max(0, Math.floor(from * rank)));
  out.end = Math.min(rank, Math.max(out.start + 1, Math.floor(to * rank)));
}
