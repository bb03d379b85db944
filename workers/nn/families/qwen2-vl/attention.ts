/**
 * Attention of patches within windows, with rotary positions of rows and columns: a head's first quarter of
 * pairs is turned by the row of the patch in the image, the second by its column.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Qwen2VlTower } from '../../../../core/family/qwen2-vl/tower.ts';
import { towerScoresBytes } from '../../../../core/memory/tower-work.ts';
import { attend } from '../../../kernels/attention/tfjs.ts';
import type { RotaryTable } from '../../../kernels/heads/contract.ts';
import { joinHeads, splitHeads } from '../../../kernels/heads/heads.ts';
import { rotaryTable, type Rotation } from '../../rotary.ts';
import type { WindowGroup } from './windows.ts';

/** Windows of one size, one behind another; tables [windows, 1, patches of a window, hd]. */
export interface Group {
  readonly windows: number;
  /** Rows of a window. */
  readonly patches: number;
  readonly query: RotaryTable;
  readonly key: RotaryTable;
}

/** θ_j = base^(−2j / (hd/2)) for j < hd/4, once for rows and once for columns. */
function axialRotation({ hiddenSize, heads, ropeTheta }: Qwen2VlTower): Rotation {
  const quarter = hiddenSize / heads / 4;
  return {
    frequencies: Float64Array.from(
      { length: 2 * quarter },
      (_, i) => ropeTheta ** (-(i % quarter) / quarter),
    ),
    axes: Uint8Array.from({ length: 2 * quarter }, (_, i) => (i < quarter ? 0 : 1)),
  };
}

/** @param order tiles as they are computed; `columns`, tiles a row of the image */
export function groupTables(
  order: Int32Array,
  columns: number,
  groups: readonly WindowGroup[],
  spec: Qwen2VlTower,
): readonly Group[] {
  const { mergeSize, hiddenSize, heads } = spec;
  const perTile = mergeSize ** 2;
  const rotation = axialRotation(spec);
  let first = 0;
  return groups.map(({ windows, tiles }) => {
    const positions = Array.from({ length: windows }, (_, window) => {
      const own = order.subarray(first + window * tiles, first + (window + 1) * tiles);
      const place = (of: (tile: number, patch: number) => number) =>
        Int32Array.from({ length: tiles * perTile }, (_, i) =>
          of(own[Math.floor(i / perTile)] ?? 0, i % perTile),
        );
      return [
        place((tile, patch) => Math.floor(tile / columns) * mergeSize + Math.floor(patch / mergeSize)),
        place((tile, patch) => (tile % columns) * mergeSize + (patch % mergeSize)),
      ];
    });
    first += windows * tiles;
    return {
      windows,
      patches: tiles * perTile,
      query: rotaryTable(positions, rotation, (hiddenSize / heads) ** -0.5),
      key: rotaryTable(positions, rotation, 1),
    };
  });
}

/**
 * q, k, v [R, H·hd], neither turned nor scaled → [R, H·hd].
 *
 * @param scoresBytes so many queries are taken at once that their scores take no more
 */
export function attendInGroups(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  groups: readonly Group[],
  heads: number,
  scoresBytes = towerScoresBytes,
): tf.Tensor2D {
  let first = 0;
  const mixed = groups.map(({ windows, patches, query, key }) => {
    const own = (x: tf.Tensor2D): tf.Tensor2D => tf.slice(x, [first, 0], [windows * patches, -1]);
    const split = (x: tf.Tensor2D, table: RotaryTable | null) => splitHeads(own(x), windows, heads, table);
    const result = tf.tidy(() =>
      joinHeads(inPieces(split(q, query), split(k, key), split(v, null), scoresBytes)),
    );
    first += windows * patches;
    return result;
  });
  return tf.concat(mixed, 0);
}

function inPieces(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, scoresBytes: number): tf.Tensor4D {
  const [windows, heads, patches, width] = q.shape;
  const most = Math.max(1, Math.floor(scoresBytes / (4 * windows * heads * patches)));
  if (most >= patches) return attend(q, k, v, null);
  const pieces: tf.Tensor4D[] = [];
  for (let from = 0; from < patches; from += most) {
    const count = Math.min(most, patches - from);
    pieces.push(
      tf.tidy(() => attend(tf.slice(q, [0, 0, from, 0], [windows, heads, count, width]), k, v, null)),
    );
  }
  return tf.concat(pieces, 2);
}
