/**
 * One way of a batch's rows through the decoder's layers, and sequences that grow: what heap-sequences.ts and
 * padded-sequences.ts both promise.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../core/family/text/text-spec.ts';

/** Queries [Q, H·hd], keys and values [R, KV·hd] of one layer's rows, not rotated → [Q, H·hd]. */
export type Attend = (queries: Tensor2D, keys: Tensor2D, values: Tensor2D) => Tensor2D;

/** What the last layer is asked for: of all rows few are read by anyone. */
export interface Asked {
  /** Rows that become queries: the ends of the sequences, as far back as anything is asked. */
  readonly queries: Int32Array;
  /** The rows asked for, … */
  readonly rows: Int32Array;
  /** … and where they are among the queries. */
  readonly among: Int32Array;
}

/** One way of rows through the layers. */
export interface Pass {
  /** Whether attention is one operation, which keeps no probabilities. */
  readonly fused: boolean;
  /**
   * Flat positions of the batch (row · columns + column) that the rows are, in order; null: all, as they are.
   */
  readonly rows: Int32Array | null;
  /** Null `asked`: all rows. In a decoding to be used once, in the order of the layers. */
  layer(index: number): { readonly attend: Attend; readonly asked: Asked | null };
}

/** Sequences that grow, with a cache of keys and values. */
export interface Decoding {
  /** The batch itself: results are of its last column. */
  prefill(): Pass;
  /**
   * One more token for each of `open` (batch rows, ascending, among those open before). `rows`: the batch
   * rows that the pass is about, in order, which are `open` or more.
   */
  advance(open: readonly number[]): { readonly pass: Pass; readonly rows: readonly number[] };
  dispose(): void;
}

export type AttentionSpec = Pick<
  TextSpec,
  'layers' | 'heads' | 'keyValueHeads' | 'headDim' | 'ropeTheta' | 'rotary'
>;
