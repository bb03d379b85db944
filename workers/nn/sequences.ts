/**
 * How the rows of a batch stand to each other: which rows there are, and how each attends to the ones before
 * it. Two ways to the same numbers: heap-sequences.ts puts the sequences one behind another without padding
 * (WebAssembly), padded-sequences.ts keeps the padded rectangle (elsewhere).
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../core/family/text/text-spec.ts';
import type { TokenBatch } from './contract.ts';
import { HeapDecoding, heapPass } from './heap-sequences.ts';
import { PaddedDecoding, paddedPass } from './padded-sequences.ts';
import { heapAttention } from '../kernels/attention/wasm.ts';
import type { RotaryTables } from './rotary-tables.ts';

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

export type AttentionSpec = Pick<TextSpec, 'layers' | 'heads' | 'keyValueHeads' | 'headDim' | 'ropeTheta'>;
export type Padded = Pick<TokenBatch, 'padding' | 'columns'>;

/**
 * Differentiable with respect to queries, keys and values; the last layer asked for flat `positions` of the
 * batch. What it makes belongs to the caller's tidy.
 */
export function passOf(
  batch: Padded,
  positions: Int32Array,
  spec: AttentionSpec,
  tables: RotaryTables,
): Pass {
  return heapAttention() ? heapPass(batch, positions, spec, tables) : paddedPass(batch, positions, spec);
}

/** @param maxTokens how many tokens may follow */
export function decodingOf(
  batch: Padded,
  spec: AttentionSpec,
  tables: RotaryTables,
  maxTokens: number,
): Decoding {
  return heapAttention() ? new HeapDecoding(batch, spec, tables, maxTokens) : new PaddedDecoding(batch, spec);
}

/** Makes the tables that passes on this backend take from `tables`. */
export function prepareTables(tables: RotaryTables): void {
  if (heapAttention()) tables.upTo(1);
}
