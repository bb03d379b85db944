/**
 * LLaVA-OneVision's order of features (`pack_image_features`): the whole image's, then those of its tiles as
 * one picture without the padding's, scaled down bilinearly when they are too many, with the learned newline
 * at the end of every row.
 */
import * as tf from '@tensorflow/tfjs-core';
import { featureWindow, type FeatureWindow } from '../../../../core/family/llava-onevision/any-resolution.ts';
import type { ImageLayout } from '../../contract.ts';
import { gatherRows } from '../../gather-rows.ts';

/** `tiles` [1 + rows · columns, side², D], `newline` [1, D] → [tokens, D] */
export function packTiles(
  tiles: tf.Tensor3D,
  newline: tf.Tensor2D,
  layout: ImageLayout,
  side: number,
  maxTiles: number,
): tf.Tensor2D {
  const [count, perTile, width] = tiles.shape;
  const window = featureWindow(layout, layout, side, maxTiles);
  return tf.tidy(() => {
    const all: tf.Tensor2D = tf.concat2d([tf.reshape(tiles, [count * perTile, width]), newline], 0);
    const newlineRow = count * perTile;
    const base = Int32Array.from({ length: perTile }, (_, i) => i);
    const at = (row: number, column: number) =>
      featureRow(window.top + row, window.left + column, layout, side);
    if (window.outRows === window.rows && window.outColumns === window.columns) {
      const picture = withNewlines(window, newlineRow, at);
      return gatherRows(all, Int32Array.from([...base, ...picture]));
    }
    const [vertical, horizontal] = [
      bilinearTaps(window.rows, window.outRows),
      bilinearTaps(window.columns, window.outColumns),
    ];
    // Four neighbours of every place, each with its weight; a newline is its own neighbour, with all the
    // weight on the first.
    const corners = [0, 1, 2, 3].map((corner) => {
      const [down, right] = [corner >> 1, corner & 1];
      const rows = withNewlines(window, newlineRow, (row, column) =>
        at(vertical.at(row, down).index, horizontal.at(column, right).index),
      );
      const weights = withNewlines(
        window,
        corner === 0 ? 1 : 0,
        (row, column) => vertical.at(row, down).weight * horizontal.at(column, right).weight,
      );
      return tf.mul(
        gatherRows(all, Int32Array.from(rows)),
        tf.tensor2d(weights, [weights.length, 1]),
      ) as tf.Tensor2D;
    });
    return tf.concat([gatherRows(all, base), tf.addN(corners)], 0);
  });
}

/** Values of the picture in reading order, `last` at the end of every row. */
function withNewlines(
  { outRows, outColumns }: FeatureWindow,
  last: number,
  value: (row: number, column: number) => number,
): number[] {
  const values: number[] = [];
  for (let row = 0; row < outRows; row++) {
    for (let column = 0; column < outColumns; column++) values.push(value(row, column));
    values.push(last);
  }
  return values;
}

/** Where feature (row, column) of the whole grid is among the tiles' rows; tile 0 is the whole image. */
function featureRow(row: number, column: number, { columns }: ImageLayout, side: number): number {
  const tile = 1 + Math.floor(row / side) * columns + Math.floor(column / side);
  return (tile * side + (row % side)) * side + (column % side);
}

/**
 * torch's bilinear interpolation with align_corners = False, in float32 as there: place i reads ⌊x⌋ and ⌊x⌋ +
 * 1, x = (i + ½)·in/out − ½, at least 0.
 */
function bilinearTaps(size: number, outSize: number) {
  const scale = Math.fround(size / outSize);
  return {
    at(place: number, second: number): { readonly index: number; readonly weight: number } {
      const x = Math.max(0, Math.fround(Math.fround(scale * Math.fround(place + 0.5)) - 0.5));
      const first = Math.min(Math.floor(x), size - 1);
      const fraction = Math.fround(x - first);
      return second === 0
        ? { index: first, weight: 1 - fraction }
        : { index: Math.min(first + 1, size - 1), weight: fraction };
    },
  };
}
