import { describe, expect, it } from 'vitest';
import { makeBrush } from '../gates/brush.ts';
import { makeLayout } from '../gates/field.ts';
import { completeSettings } from './choose.ts';
import { methodGates } from './method-gates.ts';
import type { MethodSlot, MethodValues } from './method.ts';
import { gateMethods, type MethodId } from './methods.ts';

const layout = makeLayout([
  { id: 'a', rank: 4 },
  { id: 'b', rank: 2 },
]);
const slots: MethodSlot[] = [
  { singularValues: Float32Array.of(4, 2, 1, 1), noiseEdge: 1.5, layer: 0, lastLayer: 1 },
  { singularValues: Float32Array.of(3, 0), noiseEdge: 5, layer: 1, lastLayer: 1 },
];
const brush = makeBrush(layout.slots, null);
const now = Float32Array.of(1, 0, 0, 0, 0.5, 0.5);
const preset = (id: MethodId, gateMax: number, settings: MethodValues = {}) => {
  const method = gateMethods.find((known) => known.id === id);
  if (!method) throw new Error(`${id} sets no gates.`);
  return methodGates(method, brush, now, slots, completeSettings(method, settings), gateMax);
};
const energy = (values: Float32Array, from: number, sigmas: Float32Array) =>
  sigmas.reduce((sum, sigma, i) => sum + ((values[from + i] ?? 0) * sigma) ** 2, 0);

describe('methods as gates', () => {
  it('task arithmetic is the same gate everywhere, clamped at gateMax', () => {
    expect([...preset('task-arithmetic', 1, { gate: 0.7 }).values]).toEqual(
      new Array(6).fill(Math.fround(0.7)),
    );
    expect(preset('task-arithmetic', 0.5, { gate: 0.7 })).toEqual({
      values: new Float32Array(6).fill(0.5),
      clamped: 6,
      most: 0.7,
    });
  });

  it('top-share keeps the leading share of each rank, at least one direction', () => {
    expect([...preset('top-share', 1, { share: 0.5 }).values]).toEqual([1, 1, 0, 0, 1, 0]);
    expect([...preset('top-share', 1, { share: 0.01 }).values]).toEqual([1, 0, 0, 0, 1, 0]);
  });

  it('above-noise opens what exceeds the Marchenko-Pastur edge', () => {
    expect([...preset('above-noise', 1).values]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('iso-c makes every effective singular value the mean, and says how often gateMax forbids it', () => {
    const { values, clamped } = preset('iso-c', 4);
    for (let i = 0; i < 4; i++)
      expect((values[i] ?? 0) * (slots[0]?.singularValues[i] ?? 0)).toBeCloseTo(2, 6);
    expect(values[5]).toBe(0);
    expect(clamped).toBe(0);
    expect(preset('iso-c', 1).clamped).toBe(2);
    // At the largest gate that it wants, whatever the limit was when it was asked, nothing is cut.
    const { most } = preset('iso-c', 1);
    expect(most).toBeGreaterThan(1);
    expect(preset('iso-c', most)).toMatchObject({ clamped: 0, most });
    expect(preset('selective-rl-direct', preset('selective-rl-direct', 1).most).clamped).toBe(0);
  });

  it('selective-rl-direct restores the Frobenius norm on the leading directions', () => {
    for (const directions of [1, 2, 3]) {
      const { values, clamped } = preset('selective-rl-direct', 4, { k: directions });
      expect(energy(values, 0, slots[0]?.singularValues ?? new Float32Array())).toBeCloseTo(22, 4);
      expect([...values.subarray(directions, 4)].every((gate) => gate === 0)).toBe(true);
      expect(clamped).toBe(0);
    }
    // Slot b has its whole norm in one direction: the gate there is 1 and needs no clamp.
    expect(preset('selective-rl-direct', 1).clamped).toBe(1);
  });

  it('level gives each layer one constant that injects the same energy', () => {
    const { values } = preset('level', 1);
    expect(new Set(values.subarray(0, 4)).size).toBe(1);
    expect(energy(values, 0, slots[0]?.singularValues ?? new Float32Array())).toBeCloseTo(16, 4);
    expect(values[4]).toBeCloseTo(0.5, 6);
  });

  it('layer-wise goes from the first open layer to the last in equal steps', () => {
    const { values } = preset('layer-wise', 1, { first: 0.2, last: 0.8 });
    expect([...values]).toEqual([0.2, 0.2, 0.2, 0.2, 0.8, 0.8].map(Math.fround));
  });

  it('top-k keeps as many of each matrix, all where it has fewer', () => {
    expect([...preset('top-k', 1, { k: 3 }).values]).toEqual([1, 1, 1, 0, 1, 1]);
  });
});
