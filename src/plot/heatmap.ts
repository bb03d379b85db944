/**
 * Paints the cells of a heatmap: rows from a row layout, columns of equal width, only what the viewport shows. Knows nothing of where
 * values come from: `row(r)` is asked once for each visible row and must fill the arrays it returns before returning.
 */
import { snap } from './surface.ts';
import { rowAt, type RowLayout } from './rows.ts';
import type { Box } from './curve.ts';

export interface HeatRow {
  /** One value a column; NaN leaves the cell empty. */
  readonly values: Float32Array;
  /** Share of the cell that is locked, in [0, 1]. */
  readonly locked: Float32Array;
}

export interface HeatmapView {
  readonly layout: RowLayout;
  readonly columns: number;
  /** Where the cells lie on the canvas. */
  readonly box: Box;
  /** Content pixels scrolled off above the box. */
  readonly scrollTop: number;
}

export interface HeatmapPaint {
  row(row: number): HeatRow;
  colour(value: number): string;
  readonly empty: string;
  readonly hatch: { readonly onLight: CanvasPattern | null; readonly onDark: CanvasPattern | null };
  isLight(value: number): boolean;
  readonly ratio: number;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export function visibleRows(view: HeatmapView): { first: number; last: number } {
  const first = rowAt(view.layout, view.scrollTop);
  const last = rowAt(view.layout, view.scrollTop + view.box.height);
  return { first, last };
}

/** Top of a row on the canvas. */
export function rowTop(view: HeatmapView, row: number): number {
  return view.box.top + (view.layout.tops[row] ?? 0) - view.scrollTop;
}

/** Left edge of a column on the canvas; column `columns` is the right edge of the last. */
export function columnLeft(view: HeatmapView, column: number): number {
  return view.box.left + (column / view.columns) * view.box.width;
}

/** The cell under a canvas point; null outside the cells unless `clamp`. */
export function cellAt(view: HeatmapView, x: number, y: number, clamp = false): Cell | null {
  const { box, layout, columns } = view;
  const inside = x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height && y - box.top + view.scrollTop < layout.height;
  if (!inside && !clamp) return null;
  const row = rowAt(layout, Math.min(box.height, Math.max(0, y - box.top)) + view.scrollTop);
  if (row < 0) return null;
  return { row, column: Math.min(columns - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * columns))) };
}

export function paintHeatmap(context: CanvasRenderingContext2D, view: HeatmapView, paint: HeatmapPaint): void {
  const { box, columns, layout } = view;
  const { first, last } = visibleRows(view);
  if (first < 0) return;
  // Hair lines between cells only where cells are large enough to spare them.
  const seam = layout.rowHeight >= 9 && box.width / columns >= 14 ? 1 / paint.ratio : 0;
  const rowSeam = layout.rowHeight >= 6 ? 1 / paint.ratio : 0;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  for (let row = first; row <= last; row++) {
    const { values, locked } = paint.row(row);
    const top = snap(rowTop(view, row), paint.ratio);
    const height = snap(rowTop(view, row) + layout.rowHeight, paint.ratio) - top - rowSeam;
    for (let column = 0; column < columns; column++) {
      const value = values[column] ?? NaN;
      const left = snap(columnLeft(view, column), paint.ratio);
      const width = snap(columnLeft(view, column + 1), paint.ratio) - left - seam;
      context.fillStyle = Number.isNaN(value) ? paint.empty : paint.colour(value);
      context.fillRect(left, top, width, height);
      const share = locked[column] ?? 0;
      const hatch = share > 0 ? (paint.isLight(value) ? paint.hatch.onLight : paint.hatch.onDark) : null;
      if (!hatch) continue;
      context.fillStyle = hatch;
      // A band locked in part is hatched in part, from below.
      const hatched = Math.max(2, share * height);
      context.fillRect(left, top + height - hatched, width, hatched);
    }
  }
  context.restore();
}
