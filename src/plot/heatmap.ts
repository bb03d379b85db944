/**
 * Paints the cells of a heatmap: rows from a row layout, columns of equal width, the last one apart and wider
 * where there is a tail, only what the viewport shows. Knows nothing of where values come from: `row(r)` is
 * asked once for each visible row and must fill the arrays it returns before returning.
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
  /**
   * The last column stands apart at the right, this wide, behind a gap; null where it is in line with the
   * others.
   */
  readonly tail: { readonly widthPx: number; readonly gapPx: number } | null;
  /** Where the cells lie on the canvas. */
  readonly box: Box;
  /** Content pixels scrolled off above the box. */
  readonly scrollTop: number;
}

export interface HeatmapPaint {
  row(row: number): HeatRow;
  /** Colour of a value as a little-endian RGBA pixel; 0 leaves the cell as `empty`. */
  pixel(value: number): number;
  readonly empty: string;
  readonly hatch: { readonly onLight: CanvasPattern | null; readonly onDark: CanvasPattern | null };
  isLight(value: number): boolean;
  readonly ratio: number;
  /** Scratch of this painter, grown as needed. */
  readonly cells: HTMLCanvasElement;
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

/** Columns in line, and the width they share. */
function lineOf({ box, columns, tail }: HeatmapView): { count: number; width: number } {
  return tail
    ? { count: columns - 1, width: box.width - tail.widthPx - tail.gapPx }
    : { count: columns, width: box.width };
}

/** Left edge of a column on the canvas. */
export function columnLeft(view: HeatmapView, column: number): number {
  const { count, width } = lineOf(view);
  return column < count
    ? view.box.left + (column / count) * width
    : view.box.left + view.box.width - (view.tail?.widthPx ?? 0);
}

/** Right edge of a column on the canvas. */
export function columnRight(view: HeatmapView, column: number): number {
  const { count, width } = lineOf(view);
  return column < count ? view.box.left + ((column + 1) / count) * width : view.box.left + view.box.width;
}

/** The cell under a canvas point; null outside the cells unless `clamp`. */
export function cellAt(view: HeatmapView, x: number, y: number, clamp = false): Cell | null {
  const { box, layout, columns } = view;
  const { count, width } = lineOf(view);
  const inside =
    x >= box.left &&
    x < box.left + box.width &&
    y >= box.top &&
    y < box.top + box.height &&
    y - box.top + view.scrollTop < layout.height;
  if (!inside && !clamp) return null;
  const row = rowAt(layout, Math.min(box.height, Math.max(0, y - box.top)) + view.scrollTop);
  if (row < 0) return null;
  // The gap belongs half to either side.
  if (x - box.left >= width + (view.tail?.gapPx ?? 0) / 2) return { row, column: columns - 1 };
  return { row, column: Math.min(count - 1, Math.max(0, Math.floor(((x - box.left) / width) * count))) };
}

/** Columns at least this wide get hair lines between them. */
const SEAM_FROM_PX = 14;

/**
 * One pixel a cell is written into `paint.cells`, and each row is stretched from there: thousands of filled
 * rectangles would cost more than a frame lasts.
 */
export function paintHeatmap(
  context: CanvasRenderingContext2D,
  view: HeatmapView,
  paint: HeatmapPaint,
): void {
  const { box, columns, layout } = view;
  const { first, last } = visibleRows(view);
  const ink = paint.cells.getContext('2d');
  if (first < 0 || !ink) return;
  const rows = last - first + 1;
  if (paint.cells.width !== columns || paint.cells.height < rows) {
    paint.cells.width = columns;
    paint.cells.height = rows;
  }
  const line = lineOf(view);
  const image = ink.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const hatching = new Path2D();
  const hatchingOnDark = new Path2D();
  const rowSeam = layout.rowHeight >= 6 ? 1 / paint.ratio : 0;
  const span = (row: number): { top: number; height: number } => {
    const top = snap(rowTop(view, row), paint.ratio);
    return { top, height: snap(rowTop(view, row) + layout.rowHeight, paint.ratio) - top - rowSeam };
  };
  for (let row = first; row <= last; row++) {
    const { values, locked } = paint.row(row);
    const at = (row - first) * columns;
    for (let column = 0; column < columns; column++) pixels[at + column] = paint.pixel(values[column] ?? NaN);
    addHatching(view, { values, locked }, span(row), paint, hatching, hatchingOnDark);
  }
  ink.putImageData(image, 0, 0);

  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.imageSmoothingEnabled = false;
  for (let row = first; row <= last; row++) {
    const { top, height } = span(row);
    context.fillStyle = paint.empty;
    context.fillRect(box.left, top, line.width, height);
    context.drawImage(paint.cells, 0, row - first, line.count, 1, box.left, top, line.width, height);
    if (view.tail) {
      const left = snap(columnLeft(view, columns - 1), paint.ratio);
      context.fillRect(left, top, view.tail.widthPx, height);
      context.drawImage(paint.cells, columns - 1, row - first, 1, 1, left, top, view.tail.widthPx, height);
    }
    if (line.width / line.count < SEAM_FROM_PX) continue;
    for (let column = 1; column < line.count; column++)
      context.clearRect(
        snap(columnLeft(view, column), paint.ratio) - 1 / paint.ratio,
        top,
        1 / paint.ratio,
        height,
      );
  }
  for (const [path, pattern] of [
    [hatching, paint.hatch.onLight],
    [hatchingOnDark, paint.hatch.onDark],
  ] as const) {
    if (!pattern) continue;
    context.fillStyle = pattern;
    context.fill(path);
  }
  context.restore();
}

/**
 * Adds a row's locked cells to the hatching, neighbours that look alike as one. A band locked in part is
 * hatched in part, from below.
 */
function addHatching(
  view: HeatmapView,
  { values, locked }: HeatRow,
  { top, height }: { top: number; height: number },
  paint: HeatmapPaint,
  onLight: Path2D,
  onDark: Path2D,
): void {
  for (let column = 0; column < view.columns;) {
    const share = locked[column] ?? 0;
    const light = paint.isLight(values[column] ?? NaN);
    let end = column + 1;
    const stop = view.tail && column < view.columns - 1 ? view.columns - 1 : view.columns;
    while (
      end < stop &&
      locked[end] === share &&
      (share === 0 || paint.isLight(values[end] ?? NaN) === light)
    )
      end += 1;
    if (share > 0) {
      const hatched = Math.max(2, share * height);
      const left = snap(columnLeft(view, column), paint.ratio);
      (light ? onLight : onDark).rect(
        left,
        top + height - hatched,
        snap(columnRight(view, end - 1), paint.ratio) - left,
        hatched,
      );
    }
    column = end;
  }
}
