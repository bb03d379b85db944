/**
 * Sequences one behind another, without padding, on the WebAssembly heap (kernels/attention). Ended sequences
 * drop out of a decoding.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { heapAttention, heapRemember } from '../kernels/attention/heap.ts';
import { attendOver } from './heap-attend.ts';
import { positionsOf, standInGrids, type Placed } from './positions.ts';
import type { RotaryTables } from './rotary-tables.ts';
import type { Asked, Attend, AttentionSpec, Decoding, Pass } from './pass.ts';
import { turnedRows, type RowTurning, type Stretch } from './turned-rows.ts';

export function heapPass(
  batch: Placed,
  positions: Int32Array,
  spec: AttentionSpec,
  tables: RotaryTables,
): Pass {
  const { padding, columns } = batch;
  const lengths = padding.map((first) => columns - first);
  const starts = startsOf(lengths);
  const { asked, counts } = askedOf(padding, columns, starts, positions);
  const tail = startsOf(counts);
  const whole = spansOf(
    Array.from(lengths, (length, row) => [at(starts, row), length, at(starts, row), length]),
  );
  const ends = spansOf(
    Array.from(lengths, (length, row) => [at(tail, row), at(counts, row), at(starts, row), length]),
  );
  const turn = turnerOf(batch, spec);
  const stretches = Array.from(padding, (first, row): Stretch => [row, first, columns]);
  const [middle, end] = [turn?.(stretches, null), turn?.(stretches, asked.queries)];
  const { query, key } = tables.upTo(columns);
  const inside = turn ? {} : { queryCos: query.cos, querySin: query.sin, keyCos: key.cos, keySin: key.sin };
  return {
    fused: true,
    rows: realPositions(padding, columns),
    layer: (index) => {
      const isLast = index === spec.layers - 1;
      return {
        asked: isLast ? asked : null,
        attend: isLast
          ? attendOver({ spans: ends, ...inside }, end, spec)
          : attendOver({ spans: whole, ...inside }, middle, spec),
      };
    },
  };
}

/** Null where the attention kernel turns queries and keys itself: positions count up within a sequence. */
function turnerOf(
  batch: Placed,
  spec: AttentionSpec,
): ((stretches: readonly Stretch[], queries: Int32Array | null) => RowTurning) | null {
  if (!standInGrids(batch, spec)) return null;
  const places = positionsOf(batch, spec);
  return (stretches, queries) => turnedRows(places, stretches, spec, queries);
}

/** More places than needed now, so that a cache is seldom made anew. */
const slack = 32;

export class HeapDecoding implements Decoding {
  readonly #padding: Int32Array;
  readonly #columns: number;
  readonly #spec: AttentionSpec;
  readonly #tables: RotaryTables;
  readonly #maxTokens: number;
  readonly #turn: ReturnType<typeof turnerOf>;
  /** By batch row: tokens so far, first place in the caches, places there. */
  readonly #lengths: Int32Array;
  readonly #starts: Int32Array;
  readonly #room: Int32Array;
  /** By layer, [places, KV·hd], keys rotated. */
  #caches: { readonly keys: tf.Tensor2D; readonly values: tf.Tensor2D }[] = [];

  constructor(batch: Placed, spec: AttentionSpec, tables: RotaryTables, maxTokens: number) {
    const { padding, columns } = batch;
    this.#turn = turnerOf(batch, spec);
    this.#padding = padding;
    this.#columns = columns;
    this.#spec = spec;
    this.#tables = tables;
    this.#maxTokens = maxTokens;
    this.#lengths = padding.map((first) => columns - first);
    this.#room = new Int32Array(padding.length);
    this.#starts = new Int32Array(padding.length);
  }

  prefill(): Pass {
    const { layers } = this.#spec;
    const all = [...this.#lengths.keys()];
    this.#makeRoom(all, 0);
    const rowStarts = startsOf(this.#lengths);
    const last = this.#lengths.map((length, row) => at(rowStarts, row) + length - 1);
    const asked: Asked = { queries: last, rows: last, among: Int32Array.from(all) };
    const whole = this.#spans(all, (row) => [at(rowStarts, row), at(this.#lengths, row)]);
    const ends = this.#spans(all, (row) => [row, 1]);
    const stretches = all.map((row): Stretch => [row, at(this.#padding, row), this.#columns]);
    const [middle, end] = [this.#turn?.(stretches, null), this.#turn?.(stretches, last)];
    return {
      fused: true,
      rows: realPositions(this.#padding, this.#columns),
      layer: (index) => {
        const isLast = index === layers - 1;
        return {
          asked: isLast ? asked : null,
          attend: isLast
            ? this.#remembering(index, whole, ends, end)
            : this.#remembering(index, whole, whole, middle),
        };
      },
    };
  }

  advance(open: readonly number[]): { readonly pass: Pass; readonly rows: readonly number[] } {
    for (const row of open) this.#lengths[row] = at(this.#lengths, row) + 1;
    if (open.some((row) => at(this.#lengths, row) > at(this.#room, row))) this.#makeRoom(open, 1);
    const spans = this.#spans(open, (_, i) => [i, 1]);
    const columns = open.map((row) => at(this.#padding, row) + at(this.#lengths, row));
    const turning = this.#turn?.(
      open.map((row, i): Stretch => [row, (columns[i] ?? 0) - 1, columns[i] ?? 0]),
      null,
    );
    return {
      pass: {
        fused: true,
        rows: null,
        layer: (index) => ({ asked: null, attend: this.#remembering(index, spans, spans, turning) }),
      },
      rows: open,
    };
  }

  dispose(): void {
    for (const { keys, values } of this.#caches) tf.dispose([keys, values]);
    this.#caches = [];
  }

  /**
   * Caches with room for more tokens of the `open` sequences, all but the last `fresh` of which are in the
   * caches so far.
   */
  #makeRoom(open: readonly number[], fresh: number): void {
    const { layers, keyValueHeads, headDim } = this.#spec;
    const before = this.#starts.slice();
    let places = 0;
    const sources: number[] = [];
    for (const row of open) {
      const length = at(this.#lengths, row);
      const room = length + Math.min(slack, Math.max(0, this.#maxTokens));
      for (let i = 0; i < room; i++) sources.push(i < length - fresh ? at(before, row) + i : 0);
      [this.#starts[row], this.#room[row]] = [places, room];
      places += room;
    }
    const moved = tf.tidy(() => {
      const from = tf.tensor1d(Int32Array.from(sources), 'int32');
      const made = (old: tf.Tensor2D | undefined) =>
        tf.keep(old ? tf.gather(old, from) : tf.zeros<tf.Rank.R2>([places, keyValueHeads * headDim]));
      return Array.from({ length: layers }, (_, layer) => ({
        keys: made(this.#caches[layer]?.keys),
        values: made(this.#caches[layer]?.values),
      }));
    });
    this.dispose();
    this.#caches = moved;
  }

  #spans(rows: readonly number[], queries: (row: number, i: number) => [number, number]): tf.Tensor2D {
    return spansOf(rows.map((row, i) => [...queries(row, i), at(this.#starts, row), at(this.#lengths, row)]));
  }

  /** `added`: the spans whose queries are the new tokens; `asking`: those whose queries ask. */
  #remembering(
    index: number,
    added: tf.Tensor2D,
    asking: tf.Tensor2D,
    turning: RowTurning | undefined,
  ): Attend {
    const { heads, keyValueHeads } = this.#spec;
    const longest = Math.max(...this.#lengths);
    const { query, key } = this.#tables.upTo(longest);
    const cache = this.#caches[index];
    const [attend, remember] = [heapAttention(), heapRemember()];
    if (!cache || !attend || !remember)
      throw new StudioError('internal', `There is no cache of layer ${index}.`);
    const attributes = { heads, keyHeads: keyValueHeads, causal: 1 } as const;
    return (q, k, v) => {
      // What goes into the cache always passes through tables: keys that are turned already, through still ones.
      const keyTable = turning
        ? stillTable(longest, this.#spec.headDim)
        : { keyCos: key.cos, keySin: key.sin };
      remember(
        {
          k: turning ? turning.key(k) : k,
          v,
          cachedKeys: cache.keys,
          cachedValues: cache.values,
          spans: added,
          ...keyTable,
        },
        attributes,
      );
      const queryTable = turning ? {} : { queryCos: query.cos, querySin: query.sin };
      return attend(
        { q: turning ? turning.query(q) : q, k: cache.keys, v: cache.values, spans: asking, ...queryTable },
        attributes,
      )[0] as tf.Tensor2D;
    };
  }
}

/** Turns nothing. */
function stillTable(
  positions: number,
  width: number,
): { readonly keyCos: tf.Tensor; readonly keySin: tf.Tensor } {
  return { keyCos: tf.ones([positions, width]), keySin: tf.zeros([positions, width]) };
}

const at = (values: Int32Array, index: number) => values[index] ?? 0;

function startsOf(counts: Int32Array): Int32Array {
  let start = 0;
  return counts.map((count) => (start += count) - count);
}

function spansOf(spans: readonly (readonly [number, number, number, number])[]): tf.Tensor2D {
  return tf.tensor2d(Int32Array.from(spans.flat()), [spans.length, 4], 'int32');
}

/** Flat positions that are no padding; null when there is none. */
function realPositions(padding: Int32Array, columns: number): Int32Array | null {
  if (padding.every((first) => first === 0)) return null;
  return Int32Array.from({ length: padding.length * columns }, (_, position) => position).filter(
    (position) => position % columns >= at(padding, Math.floor(position / columns)),
  );
}

/**
 * Flat positions as rows, and the end of each sequence, as far back as anything of it is asked; at least one
 * row of each.
 */
function askedOf(
  padding: Int32Array,
  columns: number,
  starts: Int32Array,
  positions: Int32Array,
): { readonly asked: Asked; readonly counts: Int32Array } {
  const rowOf = (position: number) => Math.floor(position / columns);
  const counts = new Int32Array(padding.length).fill(1);
  for (const position of positions)
    counts[rowOf(position)] = Math.max(at(counts, rowOf(position)), columns - (position % columns));
  const tail = startsOf(counts);
  const end = (row: number) => at(starts, row) + columns - at(padding, row);
  const queries = Int32Array.from(
    [...counts.entries()].flatMap(([row, count]) =>
      Array.from({ length: count }, (_, i) => end(row) - count + i),
    ),
  );
  const fromEnd = (position: number) => columns - (position % columns);
  return {
    asked: {
      queries,
      rows: positions.map((position) => end(rowOf(position)) - fromEnd(position)),
      among: positions.map(
        (position) => at(tail, rowOf(position)) + at(counts, rowOf(position)) - fromEnd(position),
      ),
    },
    counts,
  };
}
