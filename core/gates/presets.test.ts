import { describe, expect, it } from 'vitest';
import { makeBrush } from './brush.ts';
import { makeLayout } from './field.ts';
import { presetGates, type PresetParameters, type PresetSlot } from './presets.ts';

const layout = makeLayout([
  { id: 'a', rank: 4 },
  { id: 'b', rank: 2 },
]);
const slots: PresetSlot[] = [
  { singularValues: Float32Array.of(4, 2, 1, 1), noiseEdge: 1.5, layer: 0 },
  { singularValues: Float32Array.of(3, 0), noiseEdge: 5, layer: 1 },
];
const parameters: PresetParameters = { constant: 0.7, keptShare: 0.5, directions: 1 };
const brush = makeBrush(layout.slots, null);
const now = Float32Array.of(1, 0, 0, 0, 0.5, 0.5);
const preset = (
  name: Parameters<typeof presetGates>[0],
  gateMax: number,
  with_: Partial<PresetParameters> = {},
) => presetGates(name, brush, now, slots, { ...parameters, ...with_ }, gateMax);
const energy = (values: Float32Array, from: number, sigmas: Float32Array) =>
  sigmas.reduce((sum, sigma, i) => sum + ((values[from + i] ?? 0) * sigma) ** 2, 0);

describe('presets', () => {
  it('task arithmetic is the same gate everywhere, clamped at gateMax', () => {
    expect([...preset('task-arithmetic', 1).values]).toEqual(new Array(6).fill(Math.fround(0.7)));
    expect(preset('task-arithmetic', 0.5)).toEqual({ values: new Float32Array(6).fill(0.5), clamped: 6 });
  });

  it('truncation keeps the leading share of each rank, at least one direction', () => {
    expect([...preset('truncation', 1).values]).toEqual([1, 1, 0, 0, 1, 0]);
    expect([...preset('truncation', 1, { keptShare: 0.01 }).values]).toEqual([1, 0, 0, 0, 1, 0]);
  });

  it('above-noise opens what exceeds the Marchenko-Pastur edge', () => {
    expect([...preset('above-noise', 1).values]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('isotropic makes every effective singular value the mean, and says how often gateMax forbids it', () => {
    const { values, clamped } = preset('isotropic', 4);
    for (let i = 0; i < 4; i++)
      expect((values[i] ?? 0) * (slots[0]?.singularValues[i] ?? 0)).toBeCloseTo(2, 6);
    expect(values[5]).toBe(0);
    expect(clamped).toBe(0);
    expect(preset('isotropic', 1).clamped).toBe(2);
  });

  it('selective restores the Frobenius norm on the leading directions', () => {
    for (const directions of [1, 2, 3]) {
      const { values, clamped } = preset('selective', 4, { directions });
      expect(energy(values, 0, slots[0]?.singularValues ?? new Float32Array())).toBeCloseTo(22, 4);
      expect([...values.subarray(directions, 4)].every((gate) => gate === 0)).toBe(true);
      expect(clamped).toBe(0);
    }
    // Slot b has its whole norm in one direction: the gate there is 1 and needs no clamp.
    expect(preset('selective', 1).clamped).toBe(1);
  });

  it('level gives each layer one constant that injects the same energy', () => {
    const { values } = preset('level', 1);
    expect(new Set(values.subarray(0, 4)).size).toBe(1);
    expect(energy(values, 0, slots[0]?.singularValues ?? new Float32Array())).toBeCloseTo(16, 4);
    expect(values[4]).toBeCloseTo(0.5, 6);
  });
});
