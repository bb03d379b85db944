/**
 * Which rows a batch has, and how each of them attends to the rows before it. There are two ways to the same
 * numbers: heap-sequences.ts puts the sequences one behind another without padding (WebAssembly),
 * padded-sequences.ts keeps the padded rectangle (elsewhere).
 */
import { HeapDecoding, heapPass } from './heap-sequences.ts';
import type { Placed } from './positions.ts';
import { PaddedDecoding, paddedPass } from './padded-sequences.ts';
import { heapAttention } from '../kernels/attention/heap.ts';
import type { AttentionSpec, Decoding, Pass } from './pass.ts';
import type { RotaryTables } from './rotary-tables.ts';

/**
 * Differentiable with respect to queries, keys and values; the last layer asked for flat `positions` of the
 * batch. What it makes belongs to the caller's tidy.
 */
export function passOf(
  batch: Placed,
  positions: Int32Array,
  spec: AttentionSpec,
  tables: RotaryTables,
): Pass {
  return heapAttention() ? heapPass(batch, positions, spec, tables) : paddedPass(batch, positions, spec);
}

/** @param maxTokens how many tokens may follow */
export function decodingOf(
  batch: Placed,
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
