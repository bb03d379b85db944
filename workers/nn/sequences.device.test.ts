/**
 * Attention over a batch of sequences of different lengths, as each backend lays them out, against plain
 * float64 loops.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { noise, type Matrix } from '../backend/reference.ts';
import { gatherRows } from '../kernels/gather-rows/gather-rows.ts';
import { rotationOf } from './rotary.ts';
import { RotaryTables } from './rotary-tables.ts';
import type { AttentionSpec } from './pass.ts';
import { passOf } from './sequences.ts';

beforeAll(async () => {
  await startDevice();
});

interface Case {
  readonly name: string;
  readonly spec: AttentionSpec;
  readonly columns: number;
  readonly padding: readonly number[];
  /** With rotary sections: the batch's ids, its images' grids, and where that puts each token. */
  readonly grids?: {
    readonly ids: readonly number[];
    readonly layouts: readonly { readonly rows: number; readonly columns: number }[];
    /** By batch row, for each token that is no padding: time, height, width. */
    readonly places: readonly (readonly (readonly [number, number, number])[])[];
  };
}

const imageToken = 99;
const image = (count: number) => Array<number>(count).fill(imageToken);

const spec = (heads: number, keyValueHeads: number, headDim: number): AttentionSpec => ({
  layers: 2,
  heads,
  keyValueHeads,
  headDim,
  ropeTheta: 1000,
  rotary: { kind: 'plain' },
});
const cases: readonly Case[] = [
  { name: 'grouped keys, different lengths', spec: spec(4, 2, 8), columns: 7, padding: [0, 3, 6] },
  {
    name: 'one key head for all, a width that no vector divides',
    spec: spec(3, 1, 6),
    columns: 5,
    padding: [1, 0],
  },
  {
    name: 'more queries than are held at once, no padding',
    spec: spec(2, 2, 4),
    columns: 131,
    padding: [0, 0],
  },
  { name: 'a padded batch of equal lengths', spec: spec(2, 1, 4), columns: 6, padding: [2, 2] },
  {
    name: 'images that stand in grids (M-RoPE)',
    spec: { ...spec(4, 2, 12), rotary: { kind: 'sections', sections: [1, 2, 3] } },
    columns: 9,
    padding: [0, 3],
    grids: {
      ids: [5, ...image(6), 7, 8, 0, 0, 0, 4, ...image(2), 3, ...image(2)],
      layouts: [
        { rows: 2, columns: 3 },
        { rows: 2, columns: 1 },
        { rows: 1, columns: 2 },
      ],
      places: [
        [
          [0, 0, 0],
          [1, 1, 1],
          [1, 1, 2],
          [1, 1, 3],
          [1, 2, 1],
          [1, 2, 2],
          [1, 2, 3],
          [4, 4, 4],
          [5, 5, 5],
        ],
        [
          [0, 0, 0],
          [1, 1, 1],
          [1, 2, 1],
          [3, 3, 3],
          [4, 4, 4],
          [4, 4, 5],
        ],
      ],
    },
  },
];

/** RoPE of Hugging Face's Llama on one head: i paired with i + hd/2, each pair turned by its axis. */
function rotated(
  head: Float64Array,
  place: readonly number[],
  { ropeTheta: base, rotary }: AttentionSpec,
): Float64Array {
  const half = head.length / 2;
  const axes =
    rotary.kind === 'sections' ? rotary.sections.flatMap((n, axis) => Array<number>(n).fill(axis)) : [];
  return head.map((value, i) => {
    const angle = place[axes[i % half] ?? 0]! * base ** ((-2 * (i % half)) / head.length);
    return value * Math.cos(angle) + (i < half ? -head[i + half]! : head[i - half]!) * Math.sin(angle);
  });
}

/** Rows [B·T, H·hd] → outputs of the real positions, in order; 0 elsewhere. */
function plainly(
  { spec: used, columns, padding, grids }: Case,
  q: Matrix,
  k: Matrix,
  v: Matrix,
): Float64Array {
  const { heads, keyValueHeads, headDim: width } = used;
  const placeOf = (row: number, i: number) => grids?.places[row]?.[i] ?? [i];
  const out = new Float64Array(q.data.length);
  const headOf = (x: Matrix, row: number, head: number) =>
    x.data.slice(row * x.columns + head * width, row * x.columns + (head + 1) * width);
  for (const [b, first] of padding.entries()) {
    for (let h = 0; h < heads; h++) {
      const g = Math.floor(h / (heads / keyValueHeads));
      for (let t = first; t < columns; t++) {
        const query = rotated(headOf(q, b * columns + t, h), placeOf(b, t - first), used);
        const scores = Array.from({ length: t - first + 1 }, (_, j) => {
          const key = rotated(headOf(k, b * columns + first + j, g), placeOf(b, j), used);
          return query.reduce((sum, value, i) => sum + value * key[i]!, 0) / Math.sqrt(width);
        });
        const highest = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - highest));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        weights.forEach((weight, j) =>
          headOf(v, b * columns + first + j, g).forEach(
            (value, i) => (out[(b * columns + t) * q.columns + h * width + i]! += (weight / total) * value),
          ),
        );
      }
    }
  }
  return out;
}

describe.each(cases)('$name', (given) => {
  const { columns, padding } = given;
  const { heads, keyValueHeads, headDim } = given.spec;
  const rows = padding.length * columns;
  const [q, k, v] = [
    noise(rows, heads * headDim, 1, 2),
    noise(rows, keyValueHeads * headDim, 2, 2),
    noise(rows, keyValueHeads * headDim, 3),
  ];
  const expected = plainly(given, q, k, v);
  const isReal = (position: number) => position % columns >= (padding[Math.floor(position / columns)] ?? 0);
  const real = Int32Array.from({ length: rows }, (_, position) => position).filter(isReal);
  const batch = {
    padding: Int32Array.from(padding),
    columns,
    ...(given.grids && {
      ids: Int32Array.from(given.grids.ids),
      images: {
        tokenId: imageToken,
        layouts: given.grids.layouts.map((grid) => {
          const tokens = grid.rows * grid.columns;
          return { width: 1, height: 1, ...grid, tiles: tokens, tokens };
        }),
      },
    }),
  };
  const upload = ({ rows: count, columns: width, data }: Matrix) =>
    tf.tensor2d(Float32Array.from(data), [count, width]);
  /** Asked for the last layer: the last position of every row, and one earlier one of the first. */
  const positions = Int32Array.from([...padding.map((_, row) => (row + 1) * columns - 1), columns - 2]);

  /** Σ dy ⊙ attention over real positions, on rows as the backend lays them out. */
  const weighed = (inputs: tf.Tensor2D[], dy: Matrix, layer: number): tf.Scalar => {
    const tables = new RotaryTables(rotationOf(given.spec));
    const pass = passOf(batch, positions, given.spec, tables);
    const { asked, attend } = pass.layer(layer);
    const [queries, keys, values] = inputs.map((x) => (pass.rows ? gatherRows(x, pass.rows) : x)) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const mixed = attend(asked ? gatherRows(queries, asked.queries) : queries, keys, values);
    const wanted = asked ? positions : real;
    const results = asked ? gatherRows(mixed, asked.among) : pass.rows ? mixed : gatherRows(mixed, real);
    const loss = tf.sum(tf.mul(results, gatherRows(upload(dy), wanted))) as tf.Scalar;
    tables.dispose();
    return loss;
  };

  it.each([
    ['a layer in the middle', 0],
    ['the last layer, asked for a few positions', 1],
  ] as const)('%s: every output, and the gradients of a random weighing', async (_, layer) => {
    const dy = noise(rows, heads * headDim, 4);
    const wanted = layer === 1 ? positions : real;
    const sum = (y: Float64Array) =>
      [...wanted].reduce(
        (total, row) =>
          total +
          y
            .slice(row * q.columns, (row + 1) * q.columns)
            .reduce((part, value, i) => part + value * dy.data[row * q.columns + i]!, 0),
        0,
      );
    const { value, grads } = tf.tidy(() =>
      tf.valueAndGrads((...x) => weighed(x as tf.Tensor2D[], dy, layer))([upload(q), upload(k), upload(v)]),
    );
    expect(Math.abs((await value.data())[0]! - sum(expected))).toBeLessThan(
      1e-5 * [...wanted].length * q.columns,
    );

    // Central differences in float64 at a few entries of each input.
    const largest = await Promise.all(
      grads.map(async (gradient) =>
        (await gradient.data<'float32'>()).reduce((most, entry) => Math.max(most, Math.abs(entry)), 0),
      ),
    );
    for (const [which, input] of [q, k, v].entries()) {
      const gradient = await grads[which]!.data<'float32'>();
      for (let at = 3; at < input.data.length; at += Math.ceil(input.data.length / 9)) {
        const moved = (step: number) =>
          sum(
            plainly(
              given,
              ...([q, k, v].map((x, i) =>
                i === which ? { ...x, data: x.data.map((entry, j) => entry + (j === at ? step : 0)) } : x,
              ) as [Matrix, Matrix, Matrix]),
            ),
          );
        const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        expect(Math.abs(gradient[at]! - slope), `input ${which}, entry ${at}`).toBeLessThan(
          2e-5 * largest[which]!,
        );
      }
    }
    tf.dispose([value, ...grads]);
  });
});
