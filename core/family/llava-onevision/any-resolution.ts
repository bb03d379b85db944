/**
 * LLaVA-OneVision's geometry (Li et al. 2024, arXiv 2408.03326, "AnyRes-Max"): which size an image is fitted
 * into, and which of the features of its tiles remain. The same arithmetic is used for pixels, prompt and
 * features, as in transformers 5.23.
 */
import type { ConfigReader } from '../config-reader.ts';

/** How an image of any shape is covered with tiles. */
export interface AnyResolutionSpec {
  /** Sizes [height, width] in pixels that an image may be fitted into, multiples of the tower's. */
  readonly sizes: readonly (readonly [number, number])[];
  /** Features of more than this many tiles are scaled down (`anyres_max_9`). */
  readonly maxTiles: number;
}

const sides = [384, 768, 1152, 1536, 1920, 2304] as const;
export const defaultSizes: AnyResolutionSpec['sizes'] = sides.flatMap((height) =>
  sides.map((width) => [height, width] as const),
);

/** A list of [height, width]. Also in the image processor's config. */
export function readSizes(config: ConfigReader, key: string): AnyResolutionSpec['sizes'] {
  const value = config.raw(key) ?? defaultSizes;
  const isSide = (side: unknown): side is number =>
    typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= 16_384;
  const isSize = (size: unknown): size is [number, number] =>
    Array.isArray(size) && size.length === 2 && size.every(isSide);
  return Array.isArray(value) && value.length > 0 && value.length <= 1024 && value.every(isSize)
    ? value
    : config.refuse(key, 'a list of [height, width] in pixels');
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size that keeps most of the image and wastes least (`select_best_resolution`). Null for an empty list.
 */
export function bestSize({ width, height }: Size, sizes: AnyResolutionSpec['sizes']): Size | null {
  let best: Size | null = null;
  let most = 0;
  let leastWaste = Infinity;
  for (const [targetHeight, targetWidth] of sizes) {
    const scale = Math.min(targetWidth / width, targetHeight / height);
    const kept = Math.min(Math.trunc(width * scale) * Math.trunc(height * scale), width * height);
    const waste = targetWidth * targetHeight - kept;
    if (kept > most || (kept === most && waste < leastWaste)) {
      best = { width: targetWidth, height: targetHeight };
      most = kept;
      leastWaste = waste;
    }
  }
  return best;
}

/** Which features of the grid remain, and how many in the end. */
export interface FeatureWindow {
  readonly top: number;
  readonly left: number;
  /** Of the features that are left when those of the padding are taken away. */
  readonly rows: number;
  readonly columns: number;
  /** After scaling down; equal to the above when they are not too many. */
  readonly outRows: number;
  readonly outColumns: number;
}

/** @param side features a side of one tile; rows and columns of tiles */
export function featureWindow(
  { width, height }: Size,
  grid: { readonly rows: number; readonly columns: number },
  side: number,
  maxTiles: number,
): FeatureWindow {
  const [allRows, allColumns] = [grid.rows * side, grid.columns * side];
  const wider = width / height > allColumns / allRows;
  const top = wider ? Math.floor((allRows - roundedDown(height * (allColumns / width))) / 2) : 0;
  const left = wider ? 0 : Math.floor((allColumns - roundedDown(width * (allRows / height))) / 2);
  const [rows, columns] = [allRows - 2 * top, allColumns - 2 * left];
  const ratio = Math.sqrt((rows * columns) / (maxTiles * side ** 2));
  const scaled = ratio > 1.1;
  return {
    top,
    left,
    rows,
    columns,
    outRows: scaled ? floorDivide(rows, ratio) : rows,
    outColumns: scaled ? floorDivide(columns, ratio) : columns,
  };
}

/** Tokens of an image: its whole view, and the grid with one newline a row. */
export function anyResolutionTokens(window: FeatureWindow, side: number): number {
  return side ** 2 + window.outRows * (window.outColumns + 1);
}

/**
 * Python's `a // b` for floats above 0: exact where ⌊a / b⌋ would see a quotient that was rounded up to a
 * whole number.
 */
function floorDivide(a: number, b: number): number {
  return Math.round((a - (a % b)) / b);
}

/** Python's `int(round(value, 7))`: a hair below a whole number counts as that number. */
function roundedDown(value: number): number {
  return Math.trunc(Number(value.toFixed(7)));
}
