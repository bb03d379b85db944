/**
 * The lumped divergence and its gradient against PyTorch's autograd in float64, and against what it is a
 * bound of.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import reference from '../../../zoo/reference/distill/lumped.json';
import { topK } from '../../distill/top-k.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { relativeError } from '../../backend/reference.ts';
import { divergence } from './divergence.ts';
import { klToTarget, lumpedBy, type LumpedTeacher } from './lumped.ts';

beforeAll(async () => {
  await startDevice();
});

const { known, share } = reference;
const lumpedDivergence = lumpedBy(klToTarget);
const logProbs = reference.teacher.map((row) => {
  const highest = Math.max(...row);
  const logSum = highest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - highest), 0));
  return Float32Array.from(row, (z) => z - logSum);
});

function teacher(k: number): LumpedTeacher {
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
  scale = 1,
): Promise<{ readonly loss: number; readonly gradient: Float32Array }> {
  const { value, grad } = tf.tidy(() =>
    tf.valueAndGrad((z) => tf.mul(lossOf(z as tf.Tensor2D), scale))(tf.tensor2d(reference.student)),
  );
  const [[loss], gradient] = [await value.data<'float32'>(), await grad.data<'float32'>()];
  tf.dispose([value, grad]);
  return { loss: loss as number, gradient: Float32Array.from(gradient) };
}

it.each(reference.cases)(
  'k = $k: value and gradient, each token that the teacher does not know left alone',
  async ({ k, loss, gradient }) => {
    const left = await tensorsLeftBy(async () => {
      const computed = await compute((logits) => lumpedDivergence(teacher(k), logits, tf.tensor1d(share)));
      expect(Math.abs(computed.loss - loss)).toBeLessThan(2e-6 * Math.max(1, Math.abs(loss)));
      expect(relativeError(computed.gradient, gradient)).toBeLessThan(5e-6);
      const twice = await compute((logits) => lumpedDivergence(teacher(k), logits, tf.tensor1d(share)), -2);
      expect(
        relativeError(
          twice.gradient,
          gradient.map((slope) => -2 * slope),
        ),
      ).toBeLessThan(5e-6);
    });
    expect(left).toBe(0);
  },
);

it('grows with k up to the whole divergence, which it is where one token is left', async () => {
  const whole = await compute((logits) =>
    divergence(
      tf.tensor2d(
        logProbs.flatMap((row) => [...row]),
        [logProbs.length, known],
      ),
      logits,
      tf.tensor1d(share),
    ),
  );
  let before = 0;
  for (const { loss } of reference.cases) {
    expect(loss).toBeGreaterThan(before);
    expect(loss).toBeLessThan(whole.loss + 1e-6);
    before = loss;
  }
  const last = await compute((logits) => lumpedDivergence(teacher(known - 1), logits, tf.tensor1d(share)));
  expect(Math.abs(last.loss - whole.loss)).toBeLessThan(2e-6);
  expect(relativeError(last.gradient, whole.gradient)).toBeLessThan(5e-6);
});

it('a rest that the student gives almost nothing, or the teacher nothing, stays finite and exact', async () => {
  // Student: log q_rest = −60, far below what 1 − q could say. Teacher: p_rest = e⁻⁴ and 0.
  const given: LumpedTeacher = {
    ids: tf.tensor2d([1, 1], [2, 1], 'int32'),
    logProbs: tf.tensor2d([
      [Math.log1p(-Math.exp(-4)), -4],
      [0, -1000],
    ]),
    vocabulary: 3,
  };
  const student = tf.tensor2d([
    [-60 - Math.LN2, 0, -60 - Math.LN2],
    [-60 - Math.LN2, 0, -60 - Math.LN2],
  ]);
  const shares = tf.tensor1d([1, 1]);
  const { value, grad } = tf.valueAndGrad((z) => lumpedDivergence(given, z as tf.Tensor2D, shares))(student);
  const p = Math.exp(-4);
  expect((await value.data())[0]).toBeCloseTo((1 - p) * Math.log1p(-p) + p * (-4 + 60), 5);
  expect(relativeError(await grad.data(), [-p / 2, p, -p / 2, 0, 0, 0])).toBeLessThan(1e-5);
  tf.dispose([given.ids, given.logProbs, student, shares, value, grad]);
});
