/**
 * The horizontal axis of a spectrum. Positions along it are relative, u in [0, 1], strongest first, the
 * `count` things on it (gates, or singular values) evenly; the axis says where in [0, 1] of its width a
 * position is drawn: evenly, or logarithmically in the number, so that the few strong directions get room. A
 * tail, the last of them, stands apart at the end with a width that can be seen and hit. `place` and
 * `unplace` are inverse to each other and monotone.
 */
export interface SpectralAxis {
  readonly kind: 'linear' | 'log';
  readonly count: number;
  readonly tail: AxisTail | null;
  place(u: number): number;
  unplace(t: number): number;
}

export interface AxisTail {
  /** Position where it begins: (count − 1)/count. */
  readonly from: number;
  /** Share of the width where it begins. */
  readonly at: number;
  /** The axis of all before it, on their part of the width. */
  readonly own: SpectralAxis;
}

/** A tail is never narrower than this share of the width. */
const MIN_TAIL_SHARE = 0.15;

/** @param tail whether the last of `count` ≥ 2 is a tail */
export function spectralAxis(kind: 'linear' | 'log', count: number, tail = false): SpectralAxis {
  if (tail) return tailedAxis(kind, count);
  if (kind === 'linear') return { kind, count, tail: null, place: (u) => u, unplace: (t) => t };
  // The thing with index i is centred on number i + 1 = u·count + ½; the axis runs from number ½ to count +
  // ½.
  const first = 0.5;
  const decades = Math.log((count + 0.5) / first);
  return {
    kind,
    count,
    tail: null,
    place: (u) => Math.log(Math.max(first, u * count + 0.5) / first) / decades,
    unplace: (t) => Math.min(1, Math.max(0, (first * Math.exp(t * decades) - 0.5) / count)),
  };
}

function tailedAxis(kind: 'linear' | 'log', count: number): SpectralAxis {
  const own = spectralAxis(kind, count - 1);
  const from = own.count / count;
  const at = 1 - Math.max(MIN_TAIL_SHARE, 1 / count);
  return {
    kind,
    count,
    tail: { from, at, own },
    place: (u) => (u <= from ? at * own.place(u / from) : at + ((u - from) / (1 - from)) * (1 - at)),
    unplace: (t) => (t <= at ? from * own.unplace(t / at) : from + ((t - at) / (1 - at)) * (1 - from)),
  };
}

/** Numbers, counted from 1, worth a tick; none for a tail. */
export function axisTicks(axis: SpectralAxis): number[] {
  const { count, kind } = axis.tail?.own ?? axis;
  if (kind === 'log') {
    const ticks: number[] = [];
    for (let power = 1; power <= count; power *= 10)
      for (const m of [1, 2, 5]) if (m * power <= count) ticks.push(m * power);
    return ticks;
  }
  const step =
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].find((candidate) => count / candidate <= 8) ?? 2048;
  const ticks = [1];
  for (let number = step; number <= count; number += step) if (number > 1) ticks.push(number);
  return ticks;
}

/**
 * Of a series of `count` drawn along the axis, the [start, end) in pixel column `column` of `columns`; never
 * none. Where one is wider than a column, several columns show it.
 */
export function columnRange(
  axis: SpectralAxis,
  count: number,
  column: number,
  columns: number,
  out: { start: number; end: number },
): void {
  const from = axis.unplace(column / columns);
  const to = axis.unplace((column + 1) / columns);
  out.start = Math.min(count - 1, Math.max(0, Math.floor(from * count)));
  out.end = Math.min(count, Math.max(out.start + 1, Math.floor(to * count)));
}
