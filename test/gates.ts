/**
 * The gate gradients of one distillation step on the reference's own factors, held against PyTorch's
 * autograd.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { relativeError } from '../workers/backend/reference.ts';
import { denseWeight } from '../workers/nn/linear.ts';
import type { Linears, TextModel, TokenBatch } from '../workers/nn/contract.ts';
import type { readArrays } from './checkpoint.ts';

export interface GateReference {
  readonly lambda: number;
  readonly loss: number;
  readonly answerPositions: number;
}

/**
 * θ = θ_vlm + λ U diag(sigmoid(g) ⊙ S) Vᵀ and KL(P_vlm ‖ P_merged) over the last positions of each row (FRISM
 * Eq. 7, 8).
 */
export async function expectAutogradsGateGradients(
  model: TextModel,
  embedded: tf.Tensor2D,
  batch: TokenBatch,
  arrays: Awaited<ReturnType<typeof readArrays>>,
  { lambda, loss: expectedLoss, answerPositions }: GateReference,
): Promise<void> {
  const slots = [...model.linears.keys()];
  const array = (slot: string, part: string) => arrays(`gates.${slot}.${part}`);
  const matrix = (slot: string, part: string) =>
    tf.tensor2d(array(slot, part).data, array(slot, part).shape as [number, number]);
  const positions = Int32Array.from({ length: batch.rows * answerPositions }, (_, i) => {
    const row = Math.floor(i / answerPositions);
    return (row + 1) * batch.columns - answerPositions + (i % answerPositions);
  });

  const { value, grads } = tf.tidy(() => {
    const teacher = tf.logSoftmax(model.logits(embedded, batch, model.linears, positions));
    const loss = (...logits: tf.Tensor[]): tf.Tensor => {
      const merged: Linears = new Map(
        slots.map((slot, i) => {
          const scaled = tf.mul(tf.mul(tf.sigmoid(logits[i]!), tf.tensor1d(array(slot, 's').data)), lambda);
          const change: tf.Tensor2D = tf.matMul(
            tf.mul(matrix(slot, 'u'), scaled) as tf.Tensor2D,
            matrix(slot, 'vh'),
          );
          return [slot, tf.add(denseWeight(model.linears.get(slot)!), change)];
        }),
      );
      const student = tf.logSoftmax(model.logits(embedded, batch, merged, positions));
      return tf.mean(tf.sum(tf.mul(tf.exp(teacher), tf.sub(teacher, student)), 1));
    };
    return tf.valueAndGrads(loss)(slots.map((slot) => tf.tensor1d(array(slot, 'g').data)));
  });
  expect((await value.data())[0]).toBeCloseTo(expectedLoss, 5);
  expect(grads.length).toBe(slots.length);
  for (const [i, slot] of slots.entries()) {
    expect(relativeError(await grads[i]!.data(), array(slot, 'dg').data), slot).toBeLessThan(1e-3);
  }
  tf.dispose([value, ...grads]);
}
