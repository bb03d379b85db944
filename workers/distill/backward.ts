/**
 * The loss of a batch and its gradient with respect to the gates, in one of two ways to the same numbers:
 * - one tape through all layers: every activation is kept until the way back has passed it;
 * - layer by layer: the inputs of layers are kept, and from the top down each layer is computed again on a
 *   tape of its own. A third more arithmetic, and the memory of one layer instead of all.
 * The tape is taken as long as what it keeps fits `tapeLimitBytes`. Neither way goes below the lowest layer
 * that has a gate: what comes before it depends on none, and is computed once.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { tapeLimitBytes } from '../../core/memory/batches.ts';
import type { Layers, TextModel, TokenBatch } from '../nn/contract.ts';
import type { Student } from './student.ts';

export interface Question {
  readonly model: TextModel;
  /** [B·T, D], as `model.embed` gives it. */
  readonly embedded: Tensor2D;
  readonly batch: TokenBatch;
  readonly positions: Int32Array;
  /** Logits [P, K] → the loss, differentiable. */
  readonly lossOf: (logits: Tensor2D) => Scalar;
}

/** `gradient`: dL/dgate, all gates in order. Both belong to the caller's tidy. */
export function lossAndGradient(
  { model, embedded, batch, positions, lossOf }: Question,
  student: Student,
  limitBytes = tapeLimitBytes,
): { readonly loss: Scalar; readonly gradient: Tensor1D } {
  const layers = model.layers?.(embedded, batch, positions);
  if (layers && tapeBytes(layers, student) > limitBytes) return layerByLayer(layers, lossOf, student);
  const gates = [...student.layers.values()].map((layer) => layer.gates);
  const logits =
    layers && lowestGated(layers, student) > 0
      ? aboveUntaped(layers, student)
      : () => model.logits(embedded, batch, student.linears, positions);
  const { value, grads } = tf.valueAndGrads(() => lossOf(logits()))(gates);
  return { loss: value as Scalar, gradient: tf.concat1d(grads as Tensor1D[]) };
}

/** Bytes of a tape that runs through the layers from the lowest one with a gate. */
export function tapeBytes(layers: Layers, student: Student): number {
  const ofRows = (layers.tapeBytes * (layers.count - lowestGated(layers, student))) / layers.count;
  return [...student.layers.values()].reduce(
    (sum, layer) => sum + layer.keptBytes(layers.input.shape[0]),
    ofRows,
  );
}

function lowestGated({ count, slots }: Layers, { layers }: Student): number {
  for (let index = 0; index < count; index++) if (slots(index).some((id) => layers.has(id))) return index;
  return 0;
}

/** Rows that enter the lowest layer with a gate; the caller's. */
function rowsBelow(layers: Layers, student: Student): Tensor2D {
  return tf.tidy(() => {
    let rows = layers.input;
    for (let index = 0; index < lowestGated(layers, student); index++) {
      const before = rows;
      rows = tf.tidy(() => layers.layer(index, before, student.linears));
      if (index > 0) before.dispose();
    }
    return rows;
  });
}

function aboveUntaped(layers: Layers, student: Student): () => Tensor2D {
  const entering = rowsBelow(layers, student);
  return () => {
    let rows = entering;
    for (let index = lowestGated(layers, student); index < layers.count; index++)
      rows = layers.layer(index, rows, student.linears);
    return layers.head(rows);
  };
}

function layerByLayer(
  layers: Layers,
  lossOf: Question['lossOf'],
  student: Student,
): { readonly loss: Scalar; readonly gradient: Tensor1D } {
  const lowest = lowestGated(layers, student);
  const inputs: Tensor2D[] = [rowsBelow(layers, student)];
  for (let index = lowest; index < layers.count; index++) {
    const rows = inputs.at(-1) as Tensor2D;
    inputs.push(tf.tidy(() => layers.layer(index, rows, student.linears)));
    student.done(layers.slots(index));
  }
  const top = inputs.pop() as Tensor2D;
  const { value: loss, grad } = tf.valueAndGrad((rows) => lossOf(layers.head(rows as Tensor2D)))(top);
  top.dispose();

  const byGate = new Map<string, Tensor1D>();
  let dy = grad as Tensor2D;
  for (let index = layers.count - 1; index >= lowest; index--) {
    const rows = inputs.pop() as Tensor2D;
    const ids = layers.slots(index).filter((id) => student.layers.has(id));
    const gates = ids.map((id) => student.layers.get(id)?.gates as Tensor1D);
    const isFirst = index === lowest;
    const gradients = tf.tidy(() => {
      const compute = (...given: tf.Tensor[]) =>
        layers.layer(index, isFirst ? rows : (given[0] as Tensor2D), student.linears);
      return tf.grads(compute)(isFirst ? gates : [rows, ...gates], dy);
    });
    dy.dispose();
    if (!isFirst) {
      rows.dispose();
      dy = gradients.shift() as Tensor2D;
    }
    ids.forEach((id, i) => byGate.set(id, gradients[i] as Tensor1D));
    student.done(ids);
  }
  const gradient = tf.concat1d(
    [...student.layers].map(([id, { gates }]) => byGate.get(id) ?? tf.zerosLike(gates)),
  );
  return { loss: loss as Scalar, gradient };
}
