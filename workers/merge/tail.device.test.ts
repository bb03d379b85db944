/**
 * The laws of a subspace budget, on random factors against plain float64 loops, in both forms that a tail
 * takes on the device.
 */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { factorForm } from '../../core/gates/factor-memory.ts';
import { gateCount, type GateSlot } from '../../core/gates/field.ts';
import { noise, relativeError } from '../backend/reference.ts';
import { disposeSlot, uploadSlot, type DeviceSlot, type SlotFactors } from './factors.ts';
import { gateGradient, materialise } from './materialise.ts';

beforeAll(async () => {
  await startDevice();
});

const lambda = 1.2;

/** Unit columns, falling σ: not orthogonal, which no formula here needs. */
function randomFactors(rows: number, columns: number, seed: number): SlotFactors {
  const rank = Math.min(rows, columns);
  const [u, vt] = [noise(rows, rank, seed).data, noise(rank, columns, seed + 1).data];
  return {
    id: 'x',
    rows,
    columns,
    rank,
    u: Float32Array.from(u),
    s: Float32Array.from({ length: rank }, (_, i) => 2 / (i + 1)),
    vt: Float32Array.from(vt),
  };
}
const placeFor = ({ id, rank }: SlotFactors, budget: number | null): GateSlot => ({
  id,
  rank,
  gates: gateCount(rank, budget),
  offset: 0,
});
const gatesFor = ({ gates }: GateSlot, seed: number): Float32Array =>
  Float32Array.from({ length: gates }, (_, i) => ((i * 37 + seed) % 11) / 10);

/** θ_vlm + λ Σ gate_i S_i u_i v_iᵀ, and Σ S_i u_iᵀ G v_i by subspace, float64. */
function plainly(
  { rows, columns, rank, u, s, vt }: SlotFactors,
  vlm: ArrayLike<number>,
  gateOf: (subspace: number) => number,
  gradient: ArrayLike<number>,
) {
  const merged = Float64Array.from({ length: rows * columns }, (_, at) => vlm[at] ?? NaN);
  const along = new Float64Array(rank);
  for (let i = 0; i < rank; i++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        const part = (s[i] ?? NaN) * (u[row * rank + i] ?? NaN) * (vt[i * columns + column] ?? NaN);
        merged[at] = (merged[at] ?? NaN) + lambda * gateOf(i) * part;
        along[i] = (along[i] ?? NaN) + lambda * part * (gradient[at] ?? NaN);
      }
    }
  }
  return { merged, along };
}

async function onDevice(slot: DeviceSlot, vlm: Float32Array, gates: Float32Array, gradient: Float32Array) {
  const shape: [number, number] = [slot.factors.rows, slot.factors.columns];
  const [merged, byGate] = tf.tidy(
    () =>
      [
        materialise(tf.tensor2d(vlm, shape), slot, tf.tensor1d(gates), lambda),
        gateGradient(slot, tf.tensor2d(gradient, shape), lambda),
      ] as const,
  );
  const read = [await merged.data<'float32'>(), await byGate.data<'float32'>()].map((values) =>
    Float32Array.from(values),
  );
  tf.dispose([merged, byGate]);
  return { merged: read[0] ?? new Float32Array(), gradient: read[1] ?? new Float32Array() };
}

const problem = (rows: number, columns: number, seed: number) => ({
  factors: randomFactors(rows, columns, seed),
  vlm: Float32Array.from(noise(rows, columns, seed + 2).data),
  gradient: Float32Array.from(noise(rows, columns, seed + 3).data),
});

test('a merge with budget k and its gate gradient are those of the formula, and of the full rank with equal gates in the tail', async () => {
  const before = tf.memory().numTensors;
  const forms = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 24 }),
      fc.integer({ min: 1, max: 24 }),
      fc.integer({ min: 1, max: 26 }),
      fc.nat(50),
      async (rows, columns, budget, seed) => {
        const { factors, vlm, gradient } = problem(rows, columns, seed);
        const place = placeFor(factors, budget);
        const gates = gatesFor(place, seed);
        const gateOf = (subspace: number): number => gates[Math.min(subspace, place.gates - 1)] ?? NaN;
        const expected = plainly(factors, vlm, gateOf, gradient);
        const slot = uploadSlot(factors, place);
        forms.add(`${slot.tail ? 'dense' : 'vectors'}${place.gates < place.rank ? ', tail' : ''}`);
        const got = await onDevice(slot, vlm, gates, gradient);
        disposeSlot(slot);
        expect(relativeError(got.merged, expected.merged)).toBeLessThan(2e-6);
        const own = [
          ...expected.along.subarray(0, place.gates - 1),
          expected.along.subarray(place.gates - 1).reduce((sum, each) => sum + each, 0),
        ];
        const scale = Math.max(...expected.along.map(Math.abs), 1e-30);
        got.gradient.forEach((value, i) =>
          expect(Math.abs(value - (own[i] ?? NaN)) / scale).toBeLessThan(2e-5),
        );

        const fullPlace = placeFor(factors, null);
        const full = uploadSlot(factors, fullPlace);
        const spread = Float32Array.from({ length: factors.rank }, (_, i) => gateOf(i));
        const whole = await onDevice(full, vlm, spread, gradient);
        disposeSlot(full);
        expect(relativeError(got.merged, whole.merged)).toBeLessThan(2e-6);
        // Where the device holds all vectors the budget changes no bit; so too where it reaches the rank.
        if (!slot.tail) expect(got.merged).toEqual(whole.merged);
        if (budget >= factors.rank) expect(got).toEqual(whole);
      },
    ),
    { numRuns: 60, seed: 7 },
  );
  expect([...forms].sort()).toEqual(['dense, tail', 'vectors', 'vectors, tail']);
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  [128, 352, 16, 'dense'],
  [352, 128, 16, 'dense'],
  [128, 128, 64, 'dense'],
  [128, 352, 64, 'vectors'],
] as const)(
  'a layer of %i × %i with %i subspaces, held as %s: within rounding, and the bytes are those that were promised',
  async (rows, columns, budget, form) => {
    const { factors, vlm, gradient } = problem(rows, columns, 5);
    const place = placeFor(factors, budget);
    const gates = gatesFor(place, 3);
    const before = tf.memory().numBytes;
    const slot = uploadSlot(factors, place);
    const promised = factorForm(place, [rows, columns]);
    expect(promised.form).toBe(form);
    expect(tf.memory().numBytes - before).toBe(promised.bytes);
    const { merged, gradient: byGate } = await onDevice(slot, vlm, gates, gradient);
    disposeSlot(slot);
    const expected = plainly(factors, vlm, (i) => gates[Math.min(i, budget)] ?? NaN, gradient);
    expect(relativeError(merged, expected.merged)).toBeLessThan(2e-6);
    const tail = expected.along.subarray(budget).reduce((sum, each) => sum + each, 0);
    const scale = Math.hypot(...expected.along);
    expect(Math.abs((byGate[budget] ?? NaN) - tail) / scale).toBeLessThan(1e-5);
  },
);

test('all gates 0 leave the weights as they are, bit for bit; all gates 1 are task arithmetic within rounding', async () => {
  const { factors, vlm, gradient } = problem(40, 24, 9);
  const slot = uploadSlot(factors, placeFor(factors, 3));
  if (!slot.tail) throw new Error('this shape and budget are meant to have a dense tail');
  expect((await onDevice(slot, vlm, new Float32Array(4), gradient)).merged).toEqual(vlm);
  const open = await onDevice(slot, vlm, new Float32Array(4).fill(1), gradient);
  expect(relativeError(open.merged, plainly(factors, vlm, () => 1, gradient).merged)).toBeLessThan(1e-6);
  disposeSlot(slot);
});

test('gates of another layer, or of another rank, are refused', () => {
  const factors = randomFactors(6, 4, 1);
  expect(() => uploadSlot(factors, undefined)).toThrow(/not those of x/);
  expect(() => uploadSlot(factors, { ...placeFor(factors, 2), rank: 5 })).toThrow(/not those of x/);
});
