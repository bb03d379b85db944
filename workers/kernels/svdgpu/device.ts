/**
 * The two visits of a decomposition (visits.ts) on the tfjs device in use. The long side is gone through in
 * panels of columns, so no tensor is larger than a panel or r × r.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { throwIfDeviceFailed } from '../../backend/failure.ts';
import { largestTensorBytes } from '../../backend/limits.ts';
import type { SymmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import { orthogonal, orthogonality, projection } from './orthogonality.ts';
import { panelOf, unitScales, type ShortRows } from './short.ts';
import { addGram, rotate, splitRotation, type SplitGram } from './split.ts';
import type { DeviceMatrix, DeviceVisits, LongSide } from './visits.ts';

const mostPasses = 3;
const defaultPanelBytes = 16 * 2 ** 20;

/**
 * Between reads, `signal` ends a visit with its reason. @param panelBytes of one panel, and of what is read
 * back at once
 */
export function tfjsVisits(signal: AbortSignal, panelBytes = defaultPanelBytes): DeviceVisits {
  const on = (matrix: DeviceMatrix): Visit => ({
    ...matrix,
    panelBytes: Math.min(panelBytes, largestTensorBytes()),
    signal,
  });
  return {
    gram: async (matrix) =>
      4 * matrix.short.r ** 2 > largestTensorBytes() ? null : gramOnDevice(on(matrix)),
    longSide: (matrix, eigen) => longSideOnDevice(on(matrix), eigen),
  };
}

interface Visit extends DeviceMatrix {
  readonly panelBytes: number;
  readonly signal: AbortSignal;
}

async function gramOnDevice({ a, short, panelBytes, signal }: Visit): Promise<Float64Array<ArrayBuffer>> {
  const scales = unitScales(short.rowLengths);
  let sum: SplitGram | null = null;
  try {
    for (const [from, to] of panels(short, panelBytes)) {
      const scaled = tf.tidy(
        () =>
          tf.mul(
            tf.tensor2d(panelOf(a, short, from, to), [short.r, to - from]),
            columnOf(scales),
          ) as Tensor2D,
      );
      sum = addGram(sum, scaled);
      scaled.dispose();
    }
    const gram = await readGram(sum as SplitGram, panelBytes, signal);
    const { r } = short;
    for (let i = 0; i < r; i++) for (let j = 0; j < r; j++) gram[i * r + j]! /= scales[i]! * scales[j]!;
    return gram;
  } finally {
    if (sum) tf.dispose([sum.exact, sum.rest]);
  }
}

async function longSideOnDevice(
  { a, short, panelBytes, signal }: Visit,
  eigen: SymmetricEigen,
): Promise<LongSide> {
  const { r, n } = short;
  const scales = unitScales(eigen.values.map((value) => Math.sqrt(value)));
  let v = rotatedPanels({ a, short, panelBytes, signal }, eigen.vectors, scales);
  try {
    let e = await gramOf(v, panelBytes, signal);
    const first = orthogonality(e, scales);
    let last = first;
    for (let pass = 0; pass < mostPasses && last.worst > orthogonal && last.worst < Infinity; pass++) {
      v = projected(v, projection(e, r));
      e = await gramOf(v, panelBytes, signal);
      last = orthogonality(e, scales);
    }
    const rows = new Float32Array(r * n);
    let from = 0;
    for (const panel of v) {
      const width = panel.shape[1];
      const values = await readRows(panel, panelBytes, signal);
      for (let i = 0; i < r; i++) rows.set(values.subarray(i * width, (i + 1) * width), i * n + from);
      from += width;
    }
    return { rows, scales, lengths: scales.map((_, i) => Math.sqrt(e[i * r + i]!)), first, last };
  } finally {
    tf.dispose(v);
  }
}

/** diag(scales) X B, by panels. */
function rotatedPanels({ a, short, panelBytes }: Visit, x: Float64Array, scales: Float64Array): Tensor2D[] {
  const { r } = short;
  const split = splitRotation(x, scales);
  const columnScales = unitScales(short.columnLengths);
  return tf.tidy(() => {
    const turn = { high: tf.tensor2d(split.high, [r, r]), low: tf.tensor2d(split.low, [r, r]) };
    return [...panels(short, panelBytes)].map(([from, to]) =>
      tf.tidy(() => {
        const units = columnScales.subarray(from, to);
        const scaled = tf.mul(
          tf.tensor2d(panelOf(a, short, from, to), [r, to - from]),
          rowOf(units),
        ) as Tensor2D;
        return tf.mul(rotate(turn, scaled), rowOf(units.map((unit) => 1 / unit))) as Tensor2D;
      }),
    );
  });
}

/** V − C V; disposes V. */
function projected(v: readonly Tensor2D[], c: Float32Array): Tensor2D[] {
  return tf.tidy(() => {
    const [r] = (v[0] as Tensor2D).shape;
    const common = tf.tensor2d(c, [r, r]);
    return v.map((panel) => {
      const next = tf.tidy(() => tf.sub(panel, tf.matMul(common, panel)) as Tensor2D);
      panel.dispose();
      return next;
    });
  });
}

/** V Vᵀ; rows of V have lengths ≤ 1. */
async function gramOf(
  v: readonly Tensor2D[],
  panelBytes: number,
  signal: AbortSignal,
): Promise<Float64Array<ArrayBuffer>> {
  let sum: SplitGram | null = null;
  try {
    for (const panel of v) sum = addGram(sum, panel);
    return await readGram(sum as SplitGram, panelBytes, signal);
  } finally {
    if (sum) tf.dispose([sum.exact, sum.rest]);
  }
}

async function readGram(
  { exact, rest }: SplitGram,
  panelBytes: number,
  signal: AbortSignal,
): Promise<Float64Array<ArrayBuffer>> {
  const [r] = exact.shape;
  const gram = Float64Array.from(await readRows(exact, panelBytes, signal));
  const half = await readRows(rest, panelBytes, signal);
  for (let i = 0; i < r; i++)
    for (let j = 0; j < r; j++) gram[i * r + j]! += (half[i * r + j]! + half[j * r + i]!) / 2;
  return gram;
}

/**
 * A matrix read some rows at a time: the backend keeps a copy of what is read until its tensor is disposed.
 */
async function readRows(matrix: Tensor2D, atOnceBytes: number, signal: AbortSignal): Promise<Float32Array> {
  const [rows, cols] = matrix.shape;
  const values = new Float32Array(rows * cols);
  const step = Math.max(1, Math.floor(atOnceBytes / (4 * cols)));
  for (let from = 0; from < rows; from += step) {
    const part = tf.slice(matrix, [from, 0], [Math.min(step, rows - from), cols]);
    try {
      values.set(await part.data<'float32'>(), from * cols);
    } finally {
      part.dispose();
    }
    throwIfDeviceFailed();
    signal.throwIfAborted();
  }
  return values;
}

function* panels({ r, n }: ShortRows, panelBytes: number): Generator<readonly [from: number, to: number]> {
  const width = Math.max(1, Math.floor(panelBytes / (4 * r)));
  for (let from = 0; from < n; from += width) yield [from, Math.min(n, from + width)];
}

const columnOf = (values: Float64Array): Tensor2D =>
  tf.tensor2d(Float32Array.from(values), [values.length, 1]);
const rowOf = (values: Float64Array): Tensor2D => tf.tensor2d(Float32Array.from(values), [1, values.length]);
