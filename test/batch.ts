import type { TokenBatch } from '../workers/nn/contract.ts';

/** Rows of ids side by side, padded on the left with id 0. */
export function leftPadded(rows: readonly number[][]): TokenBatch {
  const columns = Math.max(...rows.map((row) => row.length));
  const padding = Int32Array.from(rows, (row) => columns - row.length);
  return {
    ids: Int32Array.from(rows.flatMap((row) => [...Array<number>(columns - row.length).fill(0), ...row])),
    rows: rows.length,
    columns,
    padding,
  };
}
