/**
 * Where the tokens of a batch stand. Text counts from the first token that is no padding. Where the decoder
 * has rotary sections (M-RoPE), the tokens of an image stand in a grid: all at one time, each at its row and
 * column, counted from the position after the text before them; the text behind goes on after the longer side
 * of the grid (`get_rope_index` of transformers 5.23).
 */
import { StudioError } from '../../core/errors.ts';
import type { TextSpec } from '../../core/family/text/text-spec.ts';
import type { TokenBatch } from './contract.ts';

export interface Positions {
  /** All rows of the batch stand alike: one list stands for all. */
  readonly alike: boolean;
  /** Of columns `from` … `to` of a row, on each axis or on one that stands for all; columns may go beyond the batch. */
  of(row: number, from: number, to: number): readonly Int32Array[];
}

/** What positions depend on. */
export type Placed = Pick<TokenBatch, 'padding' | 'columns'> & Partial<Pick<TokenBatch, 'ids' | 'images'>>;

/** Whether the batch's tokens stand otherwise than one behind another. */
export const standInGrids = ({ images }: Placed, { rotary }: Pick<TextSpec, 'rotary'>): boolean =>
  rotary.kind === 'sections' && images !== undefined && images.layouts.length > 0;

export function positionsOf(batch: Placed, spec: Pick<TextSpec, 'rotary'>): Positions {
  return standInGrids(batch, spec) ? gridPositions(batch) : textPositions(batch);
}

/** Padding gets position 0; nothing reads it. */
function textPositions({ padding }: Placed): Positions {
  return {
    alike: padding.every((count) => count === padding[0]),
    of: (row, from, to) => [
      Int32Array.from({ length: to - from }, (_, i) => Math.max(0, from + i - (padding[row] ?? 0))),
    ],
  };
}

function gridPositions({ padding, columns, ids = new Int32Array(0), images }: Placed): Positions {
  const { tokenId, layouts } = images ?? { tokenId: -1, layouts: [] };
  const axes = [0, 1, 2].map(() => new Int32Array(padding.length * columns));
  const next = new Int32Array(padding.length);
  let image = 0;
  for (const [row, first] of padding.entries()) {
    let position = 0;
    for (let column = first; column < columns;) {
      const at = row * columns + column;
      if (ids[at] !== tokenId) {
        for (const axis of axes) axis[at] = position;
        position++;
        column++;
        continue;
      }
      const grid = layouts[image++];
      const size = (grid?.rows ?? 0) * (grid?.columns ?? 0);
      const tokens = ids.subarray(at, Math.min(at + size, (row + 1) * columns));
      if (!grid || size === 0 || tokens.length < size || tokens.some((id) => id !== tokenId))
        throw new StudioError(
          'internal',
          `A prompt's image tokens do not fill the grid of ${grid?.rows ?? 0} × ${grid?.columns ?? 0} that its image has.`,
        );
      for (let i = 0; i < size; i++) {
        (axes[0] as Int32Array)[at + i] = position;
        (axes[1] as Int32Array)[at + i] = position + Math.floor(i / grid.columns);
        (axes[2] as Int32Array)[at + i] = position + (i % grid.columns);
      }
      position += Math.max(grid.rows, grid.columns);
      column += size;
    }
    next[row] = position;
  }
  return {
    alike: false,
    of: (row, from, to) =>
      axes.map((axis) =>
        Int32Array.from({ length: to - from }, (_, i) =>
          from + i < columns ? (axis[row * columns + from + i] ?? 0) : (next[row] ?? 0) + from + i - columns,
        ),
      ),
  };
}
