/** The two ways back, through one tape and layer by layer: the same numbers, and the memory that is said. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { startDevice } from '../../test/device.ts';
import { countDeviceBytes } from '../../test/device-bytes.ts';
import { openTinyTrio, type TinyTrio } from '../../test/tiny-trio.ts';
import { relativeError } from '../backend/reference.ts';
import { divergence } from '../kernels/divergence/divergence.ts';
import { lossAndGradient, tapeBytes, type Question } from './backward.ts';
import { createStudent, type Student } from './student.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import type { Layers } from '../nn/contract.ts';

let trio: TinyTrio;
let deviceBytes: () => number;

beforeAll(async () => {
  await startDevice();
  trio = await openTinyTrio();
  deviceBytes = countDeviceBytes();
});

afterAll(() => trio.dispose());

const batch = leftPadded([
  [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  [6, 7, 8],
  [20, 21, 22, 23, 24, 25, 26],
]);
const positions = Int32Array.of(8, 9, 19, 27, 28, 29);

function question(atTop: () => void): Question {
  const { text } = trio;
  const embedded = text.embed(batch);
  const teacher = tf.logSoftmax(text.logits(embedded, batch, text.linears, positions)) as tf.Tensor2D;
  const share = tf.tensor1d([0.2, 0.2, 0.2, 0.2, 0.1, 0.1]);
  const lossOf = (logits: tf.Tensor2D) => {
    atTop();
    return divergence(teacher, logits, share);
  };
  return { model: text, embedded, batch, positions, lossOf };
}

async function compute(
  limitBytes: number,
  prepare: (student: Student) => void = () => undefined,
  factors = trio.factors,
): Promise<{ readonly values: Float32Array; readonly atTheTop: number }> {
  const { text } = trio;
  const student = createStudent(text.linears, factors, trio.startGates(), trio.reference.options.lambda);
  // Makes the merged matrices, which are not a tape's.
  tf.tidy(() => void text.logits(text.embed(batch), batch, student.linears, positions));
  prepare(student);
  let [before, atTheTop] = [0, 0];
  const packed = tf.tidy(() => {
    const asked = question(() => (atTheTop = deviceBytes() - before));
    before = deviceBytes();
    const { loss, gradient } = lossAndGradient(asked, student, limitBytes);
    return tf.concat1d([tf.reshape(loss, [1]) as tf.Tensor1D, gradient]);
  });
  const values = Float32Array.from(await packed.data<'float32'>());
  packed.dispose();
  student.dispose();
  return { values, atTheTop };
}

test('give the same loss and the same gradient', async () => {
  const before = tf.memory().numTensors;
  const [tape, layered] = [await compute(Infinity), await compute(0)];
  expect(layered.values.length).toBe(1 + trio.startGates().length);
  expect(relativeError(layered.values, tape.values)).toBeLessThan(1e-6);
  // And once more where no merged matrix is kept between the layers.
  const forgetful = await compute(0, (student) => {
    Object.assign(student, {
      done: (ids: readonly string[]) => ids.forEach((id) => student.layers.get(id)?.release()),
    });
  });
  expect(forgetful.values).toEqual(layered.values);
  expect(tf.memory().numTensors).toBe(before);
});

test('where only an upper layer has gates, both ways give its part of the same gradient, and the tape begins there', async () => {
  const { text, factors, layout, reference } = trio;
  const upper = factors.slots.filter(({ place }) => place.id.startsWith('layers.1.'));
  expect(upper.length).toBe(7);
  // The gates below at 0: the VLM's own layers, as where they are not open.
  const closed = (slot: DeviceFactors['slots'][number]) => ({ ...slot, s: tf.keep(tf.zerosLike(slot.s)) });
  const lower = factors.slots.filter((slot) => !upper.includes(slot)).map(closed);
  const [all, tape, layered] = [
    await compute(Infinity, undefined, { ...factors, slots: [...lower, ...upper] }),
    await compute(Infinity, undefined, { ...factors, slots: upper }),
    await compute(0, undefined, { ...factors, slots: upper }),
  ];
  const gates = upper.reduce((sum, { place }) => sum + place.gates, 0);
  expect(tape.values.length).toBe(1 + gates);
  expect(relativeError(tape.values.slice(0, 1), all.values.slice(0, 1))).toBeLessThan(1e-6);
  expect(relativeError(tape.values.slice(1), all.values.slice(1 + layout.size - gates))).toBeLessThan(1e-5);
  expect(relativeError(layered.values, tape.values)).toBeLessThan(1e-6);
  expect(tape.atTheTop).toBeLessThan(0.75 * all.atTheTop);

  const said = (slots: DeviceFactors['slots']) => {
    const student = createStudent(
      text.linears,
      { ...factors, slots },
      trio.startGates(),
      reference.options.lambda,
    );
    try {
      return tf.tidy(() => tapeBytes(text.layers?.(text.embed(batch), batch, positions) as Layers, student));
    } finally {
      student.dispose();
    }
  };
  expect(said(upper)).toBe(said(factors.slots) / 2);
  tf.dispose(lower.map(({ s }) => s));
});

test('a tape keeps about what is said; layer by layer, the inputs of layers are all there is at the top', async () => {
  const { text, factors, reference } = trio;
  const student = createStudent(text.linears, factors, trio.startGates(), reference.options.lambda);
  const { said, rows, count } = tf.tidy(() => {
    const layers = text.layers?.(text.embed(batch), batch, positions);
    if (!layers) throw new Error('the text model shows no layers');
    return { said: tapeBytes(layers, student), rows: layers.input.shape[0], count: layers.count };
  });
  student.dispose();
  // Padding is left out where the heap's attention runs.
  expect(rows).toBe(inject('device') === 'wasm' ? 20 : 30);

  const [tape, layered] = [await compute(Infinity), await compute(0)];
  // Of the last layer little is computed, and what is said counts it whole.
  const whole = said * (1 - 1 / count);
  expect(tape.atTheTop).toBeGreaterThan(0.8 * whole);
  expect(tape.atTheTop).toBeLessThan(1.3 * said);
  // Inputs of layers; the head's rows, their norm, and logits.
  const { width, vocabulary } = text;
  expect(layered.atTheTop).toBeLessThan(
    4 * (rows * width * (count + 1) + positions.length * (2 * width + vocabulary + 8)) + batchBytes(),
  );
});

/** Tables, masks and indices of the batch. */
function batchBytes(): number {
  return 4 * (6 * batch.columns * 16 * batch.rows + 2 * batch.rows * batch.columns ** 2 + 16 * batch.rows);
}
