/**
 * Rotary positions for rows that follow one another on the heap and do not simply count up within their
 * sequence: queries and keys are turned, row by row, before they reach the attention kernel, whose own tables
 * know positions from 0 on only.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { joinHeads, splitHeads } from '../kernels/heads/heads.ts';
import type { Positions } from './positions.ts';
import { rotaryTable, rotationOf } from './rotary.ts';
import type { AttentionSpec } from './pass.ts';

export interface RowTurning {
  /** [R, H·hd] → the same, turned and scaled by hd^−½; differentiable. */
  readonly query: (q: Tensor2D) => Tensor2D;
  /** [R, KV·hd] → the same, turned; differentiable. */
  readonly key: (k: Tensor2D) => Tensor2D;
}

/** Columns `from` … `to` of a batch row. */
export type Stretch = readonly [row: number, from: number, to: number];

/**
 * For rows that are these stretches, one behind another. Tables belong to the caller's tidy.
 *
 * @param queries which of the rows ask; null: all
 */
export function turnedRows(
  places: Positions,
  stretches: readonly Stretch[],
  spec: AttentionSpec,
  queries: Int32Array | null,
): RowTurning {
  const parts = stretches.map((stretch) => places.of(...stretch));
  const axes = Array.from({ length: parts[0]?.length ?? 0 }, (_, axis) =>
    Int32Array.from(parts.flatMap((part) => [...(part[axis] ?? [])])),
  );
  const asking = queries ? axes.map((axis) => queries.map((row) => axis[row] ?? 0)) : axes;
  const turn = (positions: readonly Int32Array[], heads: number, scale: number) => {
    const table = rotaryTable([positions], rotationOf(spec), scale);
    return (x: Tensor2D) => joinHeads(splitHeads(x, 1, heads, table));
  };
  return {
    query: turn(asking, spec.heads, spec.headDim ** -0.5),
    key: turn(axes, spec.keyValueHeads, 1),
  };
}
