import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateBands, bandOf, bandRange, makeBandFigures, makeBands } from './bands.ts';
import { makeBrush } from './brush.ts';
import { energyMean, gateEnergies, mapField, mapsExactly } from './budget.ts';
import { factorBytes, factorForm } from './factor-memory.ts';
import { gateCount, hasTail, makeLayout, subspacesOf, type GateField, type GateLayout } from './field.ts';
import { methodGates } from '../merging/method-gates.ts';
import type { MethodValues } from '../merging/method.ts';
import { gateMethods, type MethodId } from '../merging/methods.ts';
import { emptyTally, injectedShare, tallySlot } from './statistics.ts';

const ranks = [
  { id: 'a', rank: 12 },
  { id: 'b', rank: 5 },
  { id: 'c', rank: 1 },
];
const spectra = ranks.map(({ rank }) => Float32Array.from({ length: rank }, (_, i) => 4 / (i + 1)));
const budget = fc.option(fc.integer({ min: 1, max: 14 }));

/** A field for any layout of `ranks`. */
const fieldOf = (layout: GateLayout, seed: number): GateField => ({
  values: Float32Array.from({ length: layout.size }, (_, i) => ((i * 7919 + seed) % 101) / 101),
  locks: Uint8Array.from({ length: layout.size }, (_, i) => ((i * 31 + seed) % 3 === 0 ? 1 : 0)),
});

/** The gate that multiplies each subspace, slot after slot: what a merge sees of a field. */
const perSubspace = (values: ArrayLike<number>, layout: GateLayout): number[] =>
  layout.slots.flatMap(({ rank, gates, offset }) =>
    Array.from({ length: rank }, (_, i) => values[offset + Math.min(i, gates - 1)] ?? NaN),
  );

describe('a layout under a budget', () => {
  it('gives k subspaces a gate and the tail one, every subspace its own where k reaches the rank', () => {
    const layout = makeLayout(ranks, 4);
    expect(layout).toMatchObject({
      budget: 4,
      size: 5 + 5 + 1,
      slots: [
        { gates: 5, offset: 0 },
        { gates: 5, offset: 5 },
        { gates: 1, offset: 10 },
      ],
    });
    // The tail of b would be one subspace: that is no tail.
    expect(layout.slots.map(hasTail)).toEqual([true, false, false]);
    expect(subspacesOf({ rank: 12, gates: 5 }, 4)).toEqual({ start: 4, end: 12 });
    expect(subspacesOf({ rank: 12, gates: 5 }, 3)).toEqual({ start: 3, end: 4 });
    for (const full of [null, 11, 12, 500]) expect(makeLayout(ranks, full)).toEqual(makeLayout(ranks));
    expect(makeLayout(ranks).budget).toBeNull();
    for (const wrong of [0, -1, 1.5, NaN])
      expect(() => makeLayout(ranks, wrong)).toThrow(/whole number from 1/);
  });

  it('stands for every subspace exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), budget, (rank, k) => {
        const slot = { rank, gates: gateCount(rank, k) };
        const stood = Array.from({ length: slot.gates }, (_, gate) => subspacesOf(slot, gate)).flatMap(
          ({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(stood).toEqual(Array.from({ length: rank }, (_, i) => i));
      }),
    );
  });
});

describe('a field under another budget', () => {
  it('is the same merge wherever it can be: always when subspaces gain gates', () => {
    fc.assert(
      fc.property(budget, budget, fc.nat(100), (k, other, seed) => {
        const [from, to] = [makeLayout(ranks, k), makeLayout(ranks, other)];
        const field = fieldOf(from, seed);
        const mapped = mapField(field, from, to, spectra);
        const same = perSubspace(mapped.values, to).every(
          (gate, i) => gate === perSubspace(field.values, from)[i],
        );
        expect(mapsExactly(field, from, to)).toBe(same);
        if ((other ?? 12) >= (k ?? 12)) {
          expect(same).toBe(true);
          // And back again nothing is lost, not even a lock.
          expect(mapField(mapped, to, from, spectra)).toEqual(field);
        }
      }),
    );
  });

  it('gives the tail the gate that changes the merge least, among the gates it replaces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.nat(100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (k, seed, other) => {
          const [from, to] = [makeLayout(ranks), makeLayout(ranks, k)];
          const field = fieldOf(from, seed);
          const tail = mapField(field, from, to, spectra).values[k] ?? NaN;
          const distance = (gate: number): number =>
            [...field.values.subarray(k, 12)].reduce(
              (sum, g, i) => sum + ((g - gate) * (spectra[0]?.[k + i] ?? 0)) ** 2,
              0,
            );
          expect(distance(tail)).toBeLessThanOrEqual(distance(other) + 1e-6);
        },
      ),
    );
    expect(energyMean({ start: 0, end: 3 }, Float32Array.of(2, 1, 0), (i) => [1, 0, 9][i] ?? 0)).toBeCloseTo(
      0.8,
      12,
    );
    // Without energy, or without a spectrum yet, all weigh alike.
    expect(energyMean({ start: 0, end: 2 }, new Float32Array(2), (i) => i)).toBe(0.5);
    expect(energyMean({ start: 0, end: 2 }, null, (i) => i)).toBe(0.5);
    expect(energyMean({ start: 0, end: 12 }, spectra[0] ?? null, () => 0.1)).toBe(0.1);
  });

  it('locks the tail only where all that it replaces was locked, and what leaves a locked tail', () => {
    const [full, four] = [makeLayout(ranks), makeLayout(ranks, 4)];
    const field = fieldOf(full, 0);
    field.locks.fill(1, 4, 12);
    expect(mapField(field, full, four, spectra).locks[4]).toBe(1);
    field.locks[11] = 0;
    expect(mapField(field, full, four, spectra).locks[4]).toBe(0);
    const tailed = fieldOf(four, 0);
    tailed.locks[4] = 1;
    expect([...mapField(tailed, four, full, spectra).locks.subarray(4, 12)]).toEqual(new Array(8).fill(1));
  });
});

describe('figures with a tail', () => {
  const layout = makeLayout(ranks, 4);
  const [slot] = layout.slots;
  if (!slot) throw new Error('no slot');

  it('weigh the tail by the energy of all its subspaces: sums do not depend on the budget', () => {
    const sum = (energies: Float64Array) => energies.reduce((total, energy) => total + energy, 0);
    expect(sum(gateEnergies(layout, spectra))).toBeCloseTo(sum(gateEnergies(makeLayout(ranks), spectra)), 9);
    const full = makeLayout(ranks);
    const field = fieldOf(layout, 3);
    const grown = mapField(field, layout, full, spectra);
    const [few, many] = [emptyTally(), emptyTally()];
    layout.slots.forEach((place, s) => tallySlot(few, field, place, spectra[s] ?? null));
    full.slots.forEach((place, s) => tallySlot(many, grown, place, spectra[s] ?? null));
    expect(injectedShare(few)).toBeCloseTo(injectedShare(many), 12);
    expect([few.count, many.count]).toEqual([11, 18]);
  });

  it('keep the tail in a band of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 130 }), (k, count) => {
        const bands = makeBands(Math.min(count, k + 1), k);
        expect(bands.tail).toBe(true);
        expect(bandRange(k + 1, bandOf(bands, bands.count - 1))).toEqual({ start: k, end: k + 1 });
        let next = 0;
        for (let b = 0; b < bands.count; b++) {
          const { start, end } = bandRange(k + 1, bandOf(bands, b));
          expect(start).toBe(next);
          next = end;
        }
        expect(next).toBe(k + 1);
      }),
    );
    const figures = makeBandFigures(makeBands(5, 4));
    const field = fieldOf(layout, 0);
    aggregateBands(slot, field.values, field.locks, spectra[0] ?? null, figures);
    expect(figures.mean[4]).toBe(field.values[4]);
    expect(figures.energy[4]).toBeCloseTo((field.values[4] ?? 0) ** 2, 6);
  });

  it('let a preset that wants several gates in the tail have the nearest one', () => {
    const about = [
      { singularValues: spectra[0] ?? new Float32Array(), noiseEdge: 0, layer: 0, lastLayer: 0 },
    ];
    const wanted = (id: MethodId, settings: MethodValues) => {
      const method = gateMethods.find((known) => known.id === id);
      if (!method) throw new Error(`${id} sets no gates.`);
      return methodGates(method, makeBrush([slot], null), new Float32Array(5), about, settings, 1).values;
    };
    expect([...wanted('top-share', { share: 0.25 })]).toEqual([1, 1, 1, 0, 0]);
    const energy = (start: number, end: number) =>
      (spectra[0] ?? new Float32Array()).subarray(start, end).reduce((sum, s) => sum + s * s, 0);
    expect(wanted('top-share', { share: 0.5 })[4]).toBeCloseTo(energy(4, 6) / energy(4, 12), 6);
    expect([...wanted('task-arithmetic', { gate: 0.3 })]).toEqual(new Array(5).fill(Math.fround(0.3)));
  });
});

describe('memory of factors', () => {
  it('is that of the cheaper form, and never more than without a budget', () => {
    const bytes = ([rows, columns]: readonly [number, number], k: number | null) =>
      factorForm({ rank: Math.min(rows, columns), gates: gateCount(Math.min(rows, columns), k) }, [
        rows,
        columns,
      ]);
    expect(bytes([128, 352], null)).toEqual({ form: 'vectors', bytes: 4 * 128 * 481 });
    expect(bytes([128, 352], 16)).toEqual({ form: 'dense', bytes: 4 * (16 * 481 + 128 * 352) });
    expect(bytes([128, 352], 64)).toEqual({ form: 'vectors', bytes: 4 * 128 * 481 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 299 }),
        (rows, columns, k) => {
          const [less, more, full] = [
            bytes([rows, columns], k),
            bytes([rows, columns], k + 1),
            bytes([rows, columns], null),
          ];
          expect(less.bytes).toBeLessThanOrEqual(more.bytes);
          expect(more.bytes).toBeLessThanOrEqual(full.bytes);
          if (k >= Math.min(rows, columns)) expect(less).toEqual(full);
        },
      ),
    );
    const layout = makeLayout(
      [
        { id: 'a', rank: 128 },
        { id: 'b', rank: 128 },
      ],
      16,
    );
    expect(factorBytes(layout, [{ shape: [128, 352] }, { shape: [128, 128] }])).toBe(
      4 * (16 * 481 + 128 * 352) + 4 * (16 * 257 + 128 * 128),
    );
  });
});
