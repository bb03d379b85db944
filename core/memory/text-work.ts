/**
 * What a language model needs on the device beside its weights, in bytes of float32, from its shapes: one
 * layer on its way, a tape through all, the caches of an answer. It must be kept in step with
 * workers/nn/decoder.ts, heap-sequences.ts and padded-sequences.ts.
 */
import type { TextShape } from './facts.ts';

const floatBytes = 4;

export interface Rows {
  readonly rows: number;
  /** Columns of the padded batch. */
  readonly columns: number;
  readonly fused: boolean;
}

const widths = ({ hiddenSize: d, intermediateSize: m, heads, keyValueHeads, headDim }: TextShape) => ({
  d,
  m,
  q: heads * headDim,
  k: keyValueHeads * headDim,
});

/** All that a layer makes before it gives anything back, its input and output included. */
export function layerBytes(shape: TextShape, { rows, columns, fused }: Rows): number {
  const { d, m, q, k } = widths(shape);
  const biased =
    (shape.qkvBias ? q + 2 * k : 0) +
    (shape.outputBias ? d : 0) +
    (shape.mlpBias ? 2 * m + d : 0) +
    (shape.qkNorm ? q + k : 0);
  const common = 7 * d + 2 * q + 2 * k + 3 * m + biased;
  // Composed operations: norms, heads split and turned, scores masked and normalised, SwiGLU's parts.
  const composed = 6 * d + 4 * q + 4 * k + 2 * m + 3 * shape.heads * columns;
  return floatBytes * rows * (fused ? common : common + composed);
}

/**
 * What a tape through all layers keeps for the way back: for each row and layer the layer's input, both
 * normed inputs and the middle (4 D), queries and what attention gives (2 H·hd), keys and values (2 KV·hd)
 * and the three sides of SwiGLU (3 M). Without the heap's fused operations it is one H·hd, one M and the
 * probabilities (H numbers for each key that a row may read) more. The last layer counts whole, though mostly
 * few of its rows are computed.
 */
export function tapeBytes(
  shape: Omit<TextShape, 'vocabSize' | 'qkvBias' | 'outputBias' | 'mlpBias' | 'qkNorm'>,
  { rows, columns, fused }: Rows,
): number {
  const { d, m, q, k } = widths(shape as TextShape);
  const common = 4 * d + 2 * q + 2 * k + 3 * m;
  return floatBytes * rows * shape.layers * (fused ? common : common + q + m + shape.heads * columns);
}

/** Keys and values of one token in all layers. */
export function tokenCacheBytes(shape: TextShape): number {
  return floatBytes * 2 * shape.layers * widths(shape).k;
}
