import { expect, test } from 'vitest';
import { GateOptimiser } from './gate-optimiser.ts';
import { LiveGates } from './live-gates.ts';

const live = (values: number[], locks: number[]) =>
  new LiveGates({ values: Float32Array.from(values), locks: Uint8Array.from(locks) });
const edit = (indices: number[], values: number[], locks: number[] | null = null) => ({
  indices: Uint32Array.from(indices),
  values: Float32Array.from(values),
  locks: locks && Uint8Array.from(locks),
});
const pull = (size: number) => new Float64Array(size).fill(-1);

test('locked gates hold exactly, 0 and gateMax included', () => {
  const gates = live([0, 1.5, 0.3, 0.75], [1, 1, 1, 0]);
  const optimiser = new GateOptimiser(gates, 1.5, 0.1);
  for (let step = 0; step < 20; step++) {
    optimiser.begin();
    optimiser.apply(pull(4));
  }
  expect([...gates.values.slice(0, 3)]).toEqual([0, 1.5, Math.fround(0.3)]);
  expect(gates.values[3]).toBeGreaterThan(1);
  expect(gates.values[3]).toBeLessThanOrEqual(1.5);
});

test('an edit during a step wins over that step; a freed gate goes on from where the hand left it', () => {
  const gates = live([0.5, 0.5], [0, 0]);
  const optimiser = new GateOptimiser(gates, 1, 0.1);
  optimiser.begin();
  gates.edit(1, edit([0], [0.2]), 1);
  optimiser.apply(pull(2));
  expect(gates.values[0]).toBe(Math.fround(0.2));
  expect(gates.values[1]).toBeGreaterThan(0.5);
  optimiser.begin();
  optimiser.apply(pull(2));
  expect(gates.values[0]).toBeGreaterThan(0.2);
  expect(gates.values[0]).toBeLessThan(0.25);
});

test('a gate freed at 0 leaves it again', () => {
  const gates = live([0], [1]);
  const optimiser = new GateOptimiser(gates, 1, 0.1);
  gates.edit(1, { indices: Uint32Array.of(0), values: null, locks: Uint8Array.of(0) }, 1);
  for (let step = 0; step < 50; step++) {
    optimiser.begin();
    optimiser.apply(pull(1));
  }
  expect(gates.values[0]).toBeGreaterThan(0.05);
});

test('a bad edit changes nothing', () => {
  const gates = live([0.5, 0.5], [0, 0]);
  expect(() => gates.edit(1, edit([0, 9], [0.1, 0.1]), 1)).toThrow(/no gate 9/);
  expect(() => gates.edit(1, edit([0, 1], [0.1, NaN]), 1)).toThrow(/NaN/);
  expect([...gates.values]).toEqual([0.5, 0.5]);
  expect(gates.revision).toBe(0);
});
