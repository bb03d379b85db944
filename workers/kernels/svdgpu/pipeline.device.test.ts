import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { thinSvd } from '../svd/svd.ts';
import { symmetricEigen, type SymmetricEigen } from '../svd/symmetricEigen.ts';
import { inputs } from '../svd/testing/inputs.ts';
import { svdErrors } from '../svd/testing/measure.ts';
import { hybridPipeline, type HybridMatrix, type HybridResult, type PipelineParts } from './pipeline.ts';

beforeAll(async () => {
  await startDevice();
});

const [rows, cols] = [24, 40];
const a = inputs['task']!(rows, cols);
const never = new AbortController().signal;
const solve: PipelineParts['solveEigen'] = async (gram, r) => symmetricEigen(gram, r);

/** Matrices 0 … count − 1, and which of them were read. */
function some(count: number): { readonly matrices: HybridMatrix<number>[]; readonly read: number[] } {
  const read: number[] = [];
  const matrices = Array.from({ length: count }, (_, id) => ({ id, rows, cols, read: async () => (read.push(id), a) }));
  return { matrices, read };
}

async function all(results: AsyncIterable<HybridResult<number>>): Promise<HybridResult<number>[]> {
  const list: HybridResult<number>[] = [];
  for await (const result of results) list.push(result);
  return list;
}

/** Eigenproblems that end when told. */
class Held {
  readonly waiting: (() => void)[] = [];
  most = 0;
  readonly solve: PipelineParts['solveEigen'] = (gram, r) =>
    new Promise<SymmetricEigen>((resolve) => {
      this.waiting.push(() => resolve(symmetricEigen(gram, r)));
      this.most = Math.max(this.most, this.waiting.length);
    });
}

const until = async (ready: () => boolean): Promise<void> => {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 1));
};

it(`decomposes all of them on ${inject('device')}, from a list or a stream, and leaves nothing behind`, async () => {
  const before = tf.memory().numTensors;
  const stream = async function* (): AsyncGenerator<HybridMatrix<number>> {
    yield* some(5).matrices;
  };
  for (const source of [some(5).matrices, stream()]) {
    const results = await all(hybridPipeline(source, { workers: 2, solveEigen: solve, exact: thinSvd }, never));
    expect(results.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4]);
    for (const { svd } of results) {
      expect(svd.by).toBe('device');
      expect(svdErrors(a, rows, cols, svd).reconstruction).toBeLessThanOrEqual(1e-7);
    }
  }
  expect(await all(hybridPipeline([], { workers: 2, solveEigen: solve, exact: thinSvd }, never))).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});

it('brings the device to the next matrix while workers solve, and reads no further ahead than that', async () => {
  const held = new Held();
  const { matrices, read } = some(8);
  const results = hybridPipeline(matrices, { workers: 2, solveEigen: held.solve, exact: thinSvd }, never);
  const first = results.next();
  // Two for the workers; the device went on to the third in the meantime.
  await until(() => held.waiting.length === 3);
  expect(read).toEqual([0, 1, 2]);
  held.waiting[1]!();
  expect((await first).value).toMatchObject({ id: 1 });
  // Nothing more is begun until somebody asks for it.
  expect(read).toEqual([0, 1, 2]);
  const second = results.next();
  await until(() => held.waiting.length === 4);
  expect(read).toEqual([0, 1, 2, 3]);
  held.waiting[3]!();
  expect((await second).value).toMatchObject({ id: 3 });
  held.waiting[0]!();
  held.waiting[2]!();
  await results.return();
});

it('is on the device with one matrix at a time', async () => {
  const held = new Held();
  const before = tf.memory().numTensors;
  const results = hybridPipeline(some(3).matrices, { workers: 2, solveEigen: held.solve, exact: thinSvd }, never);
  const first = results.next();
  await until(() => held.waiting.length === 3);
  expect(tf.memory().numTensors).toBe(before);
  held.waiting.forEach((end) => end());
  await first;
  await results.return();
  expect(tf.memory().numTensors).toBe(before);
});

it('stops between steps when cancelled, with the reason given', async () => {
  const held = new Held();
  const controller = new AbortController();
  const { matrices, read } = some(8);
  const results = hybridPipeline(matrices, { workers: 1, solveEigen: held.solve, exact: thinSvd }, controller.signal);
  const first = results.next();
  await until(() => held.waiting.length === 2);
  controller.abort(new Error('enough'));
  held.waiting.forEach((end) => end());
  await expect(first).rejects.toThrow('enough');
  expect(read).toEqual([0, 1]);
  expect((await results.next()).done).toBe(true);
});

it('ends with the first matrix that fails, and ends those beside it', async () => {
  const { matrices, read } = some(8);
  const before = tf.memory().numTensors;
  const broken = matrices.with(1, { id: 1, rows, cols, read: async () => a.map((value, i) => (i === 7 ? NaN : value)) });
  const results = hybridPipeline(broken, { workers: 1, solveEigen: solve, exact: thinSvd }, never);
  await expect(all(results)).rejects.toMatchObject({ code: 'bad-file', details: { column: 7 } });
  expect(read.length).toBeLessThan(8);
  expect(tf.memory().numTensors).toBe(before);
});

it('closes the source it was given when the caller leaves early', async () => {
  let closed = false;
  const stream = async function* (): AsyncGenerator<HybridMatrix<number>> {
    try {
      yield* some(8).matrices;
    } finally {
      closed = true;
    }
  };
  for await (const { svd } of hybridPipeline(stream(), { workers: 1, solveEigen: solve, exact: thinSvd }, never)) {
    expect(svd.by).toBe('device');
    break;
  }
  expect(closed).toBe(true);
});
