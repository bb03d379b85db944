/**
 * Plain float64 loops that a device is held against. Slow on purpose: nothing here is shared with what it
 * checks.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major; every value is one that float32 holds exactly. */
  readonly data: Float64Array;
}

/** Reproducible values in (−scale, scale), from a linear congruential generator (Numerical Recipes). */
export function noise(rows: number, columns: number, seed: number, scale = 1): Matrix {
  let state = (seed * 2654435761) >>> 0;
  const data = Float64Array.from({ length: rows * columns }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(scale * (state / 2 ** 31 - 1));
  });
  return { rows, columns, data };
}

export function matmul(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k] ?? 0;
      for (let j = 0; j < b.columns; j++)
        data[i * b.columns + j]! += factor * (b.data[k * b.columns + j] ?? 0);
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  return {
    rows: columns,
    columns: rows,
    data: data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0),
  };
}

/** max |computed − expected| / max |expected|; NaN when anything computed is not a number. */
export function relativeError(computed: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (computed.length !== expected.length) return Number.NaN;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs((computed[i] ?? 0) - (expected[i] ?? 0));
    if (Number.isNaN(off)) return Number.NaN;
    difference = Math.max(difference, off);
    largest = Math.max(largest, Math.abs(expected[i] ?? 0));
  }
  return largest === 0 ? difference : difference / largest;
}
