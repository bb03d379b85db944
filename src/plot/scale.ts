/**
 * Linear and logarithmic scales from values to pixels, and ticks that people read as round. Nothing is
 * clamped.
 */
export interface Scale {
  toPixel(value: number): number;
  toValue(pixel: number): number;
  /** Round values inside the domain, about `count` of them, ascending. */
  ticks(count: number): number[];
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [d0, d1] = domain;
  const [r0, r1] = range;
  const slope = d1 === d0 ? 0 : (r1 - r0) / (d1 - d0);
  return {
    toPixel: (value) => r0 + (value - d0) * slope,
    toValue: (pixel) => (slope === 0 ? d0 : d0 + (pixel - r0) / slope),
    ticks: (count) => linearTicks(Math.min(d0, d1), Math.max(d0, d1), count),
  };
}

/** Both ends of the domain must be positive. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const inner = linearScale([Math.log10(domain[0]), Math.log10(domain[1])], range);
  return {
    toPixel: (value) => inner.toPixel(Math.log10(value)),
    toValue: (pixel) => 10 ** inner.toValue(pixel),
    ticks: (count) => logTicks(Math.min(...domain), Math.max(...domain), count),
  };
}

/** Multiples of 1, 2 or 5 times a power of ten. */
export function linearTicks(min: number, max: number, count: number): number[] {
  if (!(max > min) || count < 1) return [min];
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
    // 0.1 · 3 prints as 0.30000000000000004: round to the step's own digits.
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten, thinned to about `count`; 1-2-5 steps where the domain spans less than two decades. */
export function logTicks(min: number, max: number, count: number): number[] {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  const every = Math.max(1, Math.ceil((last - first) / count));
  const multiples = last - first <= 3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) {
    if ((power - first) % every !== 0) continue;
    for (const multiple of multiples) {
      const tick = Number(`${multiple}e${power}`);
      if (tick >= min * 0.999 && tick <= max * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/** Short, without false digits: 0.35, 1.2e-5, 1200. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(1).replace('e+', 'e');
  if (size >= 100) return value.toFixed(0);
  return Number(value.toPrecision(3)).toString();
}
