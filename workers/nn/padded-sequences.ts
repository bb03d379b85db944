/**
 * Sequences in a rectangle, padded on the left: tfjs's own operations, the same few shapes for many batches
 * (each new one costs a GPU a pipeline).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { RotaryTable } from '../kernels/heads/contract.ts';
import { joinHeads, splitHeads } from '../kernels/heads/heads.ts';
import { attend, attentionMask } from '../kernels/attention/tfjs.ts';
import { positionsOf, type Placed, type Positions } from './positions.ts';
import { rotaryTable, rotationOf } from './rotary.ts';
import type { Asked, Attend, AttentionSpec, Decoding, Pass } from './pass.ts';

/** The last layer's queries come in multiples of this many columns, so that the GPU sees few shapes. */
const queryColumnStep = 4;

/** Columns `from` … `keys` as queries of the columns 0 … `keys`. */
interface Window {
  readonly batch: number;
  readonly queryRotation: RotaryTable;
  readonly mask: tf.Tensor4D | null;
}

export function paddedPass(batch: Placed, positions: Int32Array, spec: AttentionSpec): Pass {
  const { padding, columns } = batch;
  const places = positionsOf(batch, spec);
  const keyRotation = rotation(padding, places, 0, columns, spec, 1);
  const whole = windowOf(padding, places, 0, columns, spec);
  const asked = askedOf(padding.length, columns, positions);
  const queryColumns = asked.queries.length / padding.length;
  return {
    fused: false,
    rows: null,
    layer: (index) => {
      const isLast = index === spec.layers - 1;
      const window =
        isLast && queryColumns < columns
          ? windowOf(padding, places, columns - queryColumns, columns, spec)
          : whole;
      return {
        asked: isLast ? asked : null,
        attend: (q, k, v) =>
          overHeads(q, split(k, window, spec, keyRotation), split(v, window, spec, null), window, spec),
      };
    },
  };
}

export class PaddedDecoding implements Decoding {
  readonly #padding: Int32Array;
  readonly #places: Positions;
  readonly #spec: AttentionSpec;
  #columns: number;
  /** By layer, [B, KV, T, hd], keys rotated. */
  #caches: { readonly keys: tf.Tensor4D; readonly values: tf.Tensor4D }[] = [];

  constructor(batch: Placed, spec: AttentionSpec) {
    this.#padding = batch.padding;
    this.#places = positionsOf(batch, spec);
    this.#columns = batch.columns;
    this.#spec = spec;
  }

  prefill(): Pass {
    const rows = this.#padding.length;
    const last = Int32Array.from({ length: rows }, (_, row) => (row + 1) * this.#columns - 1);
    const asked = askedOf(rows, this.#columns, last);
    const queryColumns = asked.queries.length / rows;
    return {
      fused: false,
      rows: null,
      layer: (index) => {
        const isLast = index === this.#spec.layers - 1;
        const from = isLast ? this.#columns - queryColumns : 0;
        return { asked: isLast ? asked : null, attend: this.#remembering(index, from, 0) };
      },
    };
  }

  /** All rows go on, also those that have ended: fewer would be another shape. */
  advance(): { readonly pass: Pass; readonly rows: readonly number[] } {
    this.#columns++;
    const from = this.#columns - 1;
    return {
      pass: {
        fused: false,
        rows: null,
        layer: (index) => ({ asked: null, attend: this.#remembering(index, from, from) }),
      },
      rows: [...this.#padding.keys()],
    };
  }

  dispose(): void {
    for (const { keys, values } of this.#caches) tf.dispose([keys, values]);
    this.#caches = [];
  }

  /** @param from the first column that asks; `added`, the first that is new */
  #remembering(index: number, from: number, added: number): Attend {
    const [padding, places, columns, spec] = [this.#padding, this.#places, this.#columns, this.#spec];
    const window = windowOf(padding, places, from, columns, spec);
    const keyRotation = rotation(padding, places, added, columns, spec, 1);
    return (q, k, v) => {
      const past = this.#caches[index];
      const behind = (old: tf.Tensor4D | undefined, fresh: tf.Tensor4D) =>
        tf.keep(old ? tf.concat([old, fresh], 2) : fresh);
      const cache = {
        keys: behind(past?.keys, split(k, window, spec, keyRotation)),
        values: behind(past?.values, split(v, window, spec, null)),
      };
      this.#caches[index] = cache;
      if (past) tf.dispose([past.keys, past.values]);
      return overHeads(q, cache.keys, cache.values, window, spec);
    };
  }
}

function windowOf(
  padding: Int32Array,
  places: Positions,
  from: number,
  keys: number,
  spec: AttentionSpec,
): Window {
  const columns = keys - from;
  return {
    batch: padding.length,
    queryRotation: rotation(padding, places, from, keys, spec, spec.headDim ** -0.5),
    // A single column without padding may read everything.
    mask:
      columns === 1 && padding.every((count) => count === 0) ? null : attentionMask(padding, columns, keys),
  };
}

/** For columns `from` … `to`. */
function rotation(
  padding: Int32Array,
  places: Positions,
  from: number,
  to: number,
  spec: AttentionSpec,
  scale: number,
): RotaryTable {
  const rows = places.alike ? [0] : [...padding.keys()];
  return rotaryTable(
    rows.map((row) => places.of(row, from, to)),
    rotationOf(spec),
    scale,
  );
}

/** The last columns of every row, from the first on that is asked for. */
function askedOf(rows: number, columns: number, positions: Int32Array): Asked {
  const first = positions.reduce((least, at) => Math.min(least, at % columns), columns - 1);
  const count = Math.min(columns, Math.ceil((columns - first) / queryColumnStep) * queryColumnStep);
  const row = (at: number) => Math.floor(at / columns);
  return {
    queries: Int32Array.from(
      { length: rows * count },
      (_, i) => Math.floor(i / count) * columns + columns - count + (i % count),
    ),
    rows: positions,
    among: positions.map((at) => row(at) * count + (at % columns) - (columns - count)),
  };
}

function split(
  x: tf.Tensor2D,
  { batch }: Window,
  { headDim }: AttentionSpec,
  table: RotaryTable | null,
): tf.Tensor4D {
  return splitHeads(x, batch, x.shape[1] / headDim, table);
}

function overHeads(
  q: tf.Tensor2D,
  keys: tf.Tensor4D,
  values: tf.Tensor4D,
  window: Window,
  spec: AttentionSpec,
): tf.Tensor2D {
  return joinHeads(attend(split(q, window, spec, window.queryRotation), keys, values, window.mask));
}
