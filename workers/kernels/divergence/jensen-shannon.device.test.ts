/** The Jensen-Shannon divergence and its gradient against PyTorch's autograd in float64, whole and lumped. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import reference from '../../../zoo/reference/jensen-shannon/reference.json';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { relativeError } from '../../backend/reference.ts';
import { topK } from '../../distill/top-k.ts';
import { jensenShannon, jensenShannonToTarget } from './jensen-shannon.ts';
import { lumpedBy, type LumpedTeacher } from './lumped.ts';

beforeAll(async () => {
  await startDevice();
});

const { known, share, cases, teacher, student } = reference.rows;
const lumped = lumpedBy(jensenShannonToTarget);

function logSoftmax(row: readonly number[]): Float32Array {
  const highest = row.reduce((most, z) => Math.max(most, z), -Infinity);
  const logSum = highest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - highest), 0));
  return Float32Array.from(row, (z) => z - logSum);
}

const logProbs = teacher.map(logSoftmax);
const whole = (): tf.Tensor2D =>
  tf.tensor2d(
    logProbs.flatMap((row) => [...row]),
    [logProbs.length, known],
  );
function few(k: number): LumpedTeacher {
  const rows = logProbs.map((row) => topK(row, k));
  return {
    ids: tf.tensor2d(
      rows.flatMap(({ ids }) => [...ids]),
      [rows.length, k],
      'int32',
    ),
    logProbs: tf.tensor2d(
      rows.flatMap((row) => [...row.logProbs]),
      [rows.length, k + 1],
    ),
    vocabulary: known,
  };
}

async function compute(
  lossOf: (logits: tf.Tensor2D) => tf.Scalar,
  logits: () => tf.Tensor2D = () => tf.tensor2d(student),
): Promise<{ readonly loss: number; readonly gradient: Float32Array }> {
  const { value, grad } = tf.tidy(() => tf.valueAndGrad((z) => lossOf(z as tf.Tensor2D))(logits()));
  const [[loss], gradient] = [await value.data<'float32'>(), await grad.data<'float32'>()];
  tf.dispose([value, grad]);
  return { loss: loss as number, gradient: Float32Array.from(gradient) };
}

it.each(cases)(
  'k = $k: value and gradient, each token that the teacher does not know left alone',
  async ({ k, loss, gradient }) => {
    const left = await tensorsLeftBy(async () => {
      const shares = () => tf.tensor1d(share);
      const computed = await compute((logits) =>
        k === null ? jensenShannon(whole(), logits, shares()) : lumped(few(k), logits, shares()),
      );
      expect(Math.abs(computed.loss / loss - 1)).toBeLessThan(1e-5);
      expect(relativeError(computed.gradient, gradient)).toBeLessThan(1e-5);
      const twice = await compute((logits) => tf.mul(jensenShannon(whole(), logits, shares()), -2));
      const once = await compute((logits) => jensenShannon(whole(), logits, shares()));
      expect(
        relativeError(
          twice.gradient,
          once.gradient.map((slope) => -2 * slope),
        ),
      ).toBeLessThan(1e-6);
    });
    expect(left).toBe(0);
  },
);

it('keeps its digits over a vocabulary of 152,000, some rows at a time', async () => {
  const { vocabulary, every, loss, gradient, largest } = reference.wide;
  const rows = 3;
  const repeat = (row: Float32Array) => {
    const all = new Float32Array(rows * vocabulary);
    for (let i = 0; i < rows; i++) all.set(row, i * vocabulary);
    return tf.tensor2d(all, [rows, vocabulary]);
  };
  const wave = (j: number) => Math.fround(6 * Math.sin(0.7 * j));
  const target = logSoftmax(Array.from({ length: vocabulary }, (_, j) => wave(j)));
  const logits = Float32Array.from(
    { length: vocabulary },
    (_, j) => 6 * Math.sin(0.7 * j + 0.4 * Math.sin(j)),
  );
  const computed = await compute(
    (z) => jensenShannon(repeat(target), z, tf.tensor1d([1, 0, 1])),
    () => repeat(logits),
  );
  expect(Math.abs(computed.loss / (2 * loss) - 1)).toBeLessThan(1e-5);
  for (const [row, weight] of [1, 0, 1].entries()) {
    const sampled = gradient.map((_, i) => computed.gradient[row * vocabulary + i * every] as number);
    for (const [i, slope] of sampled.entries())
      expect(Math.abs(slope - weight * (gradient[i] as number))).toBeLessThan(1e-5 * largest);
  }
});

it('is symmetric, 0 for equal distributions, and log 2 for those that share nothing', async () => {
  const one = () => tf.tensor1d([1]);
  const of = async (p: number[], z: number[]) =>
    (
      await compute(
        (logits) => jensenShannon(tf.tensor2d([p]), logits, one()),
        () => tf.tensor2d([z]),
      )
    ).loss;
  const [a, b] = [[...logSoftmax([0.3, -1, 2])], [...logSoftmax([1, 0.5, -0.25])]];
  expect(Math.abs((await of(a, b)) / (await of(b, a)) - 1)).toBeLessThan(2e-6);
  expect(await of(a, a)).toBeLessThan(1e-12);
  expect(Math.abs((await of([0, -1000, -1000], [-1000, 0, -1000])) / Math.LN2 - 1)).toBeLessThan(1e-6);
  // As small as float32 logits can make it: ⅛ Σ q (δ − mean)², to the accuracy of δ itself.
  const near = await of([...logSoftmax([0, 0])], [2 ** -10, 0]);
  expect(Math.abs(near / (2 ** -20 / 32) - 1)).toBeLessThan(1e-3);
});
