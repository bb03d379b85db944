/**
 * Rows of a heatmap in groups: where each one is, and which one is under a pixel. All in CSS pixels from the
 * top of the content.
 */
export interface RowLayout {
  /** Top of each row. */
  readonly tops: Float64Array;
  readonly rowHeight: number;
  readonly height: number;
  /** First row of each group, ascending. */
  readonly groupStarts: readonly number[];
}

export function layoutRows(groups: readonly number[], rowHeight: number, groupGap: number): RowLayout {
  const tops = new Float64Array(groups.length);
  const groupStarts: number[] = [];
  let y = 0;
  groups.forEach((group, row) => {
    if (row === 0 || group !== groups[row - 1]) {
      if (row > 0) y += groupGap;
      groupStarts.push(row);
    }
    tops[row] = y;
    y += rowHeight;
  });
  return { tops, rowHeight, height: y, groupStarts };
}

/** Rows that fit `available` pixels, between the bounds: small models fill the panel, large ones scroll. */
export function fittingRowHeight(
  rows: number,
  groups: number,
  groupGap: number,
  available: number,
  bounds: readonly [number, number],
): number {
  if (rows === 0) return bounds[1];
  const fitting = Math.floor((available - groupGap * Math.max(0, groups - 1)) / rows);
  return Math.min(bounds[1], Math.max(bounds[0], fitting));
}

/** The row at `y`; in a gap the row above it; clamped to the first and last. −1 when there is none. */
export function rowAt(layout: RowLayout, y: number): number {
  let low = 0;
  let high = layout.tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}
