/**
 * What a tape through all layers keeps for the way back, in bytes: for each row and layer the layer's input, both normed inputs and the middle (4 D), queries and
 * what attention gives (2 H·hd), keys and values (2 KV·hd) and the three sides of SwiGLU (3 M). Without the heap's fused operations it is one H·hd, one M and the
 * probabilities (H numbers for each key that a row may read) more. The last layer counts whole, though mostly few of its rows are computed.
 */
import type { TextSpec } from '../../src/core/family/model-spec.ts';

export interface TapeShape {
  readonly rows: number;
  /** Columns of the padded batch. */
  readonly columns: number;
  readonly fused: boolean;
}

export function tapeBytes({ layers, hiddenSize, intermediateSize, heads, keyValueHeads, headDim }: TextSpec, { rows, columns, fused }: TapeShape): number {
  const queries = heads * headDim;
  const common = 4 * hiddenSize + 2 * queries + 2 * keyValueHeads * headDim + 3 * intermediateSize;
  return 4 * rows * layers * (fused ? common : common + queries + intermediateSize + heads * columns);
}
