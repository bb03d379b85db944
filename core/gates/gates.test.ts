import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregateBands,
  bandRange,
  gateIndexAt,
  makeBandFigures,
  makeBands,
  relativePosition,
} from './bands.ts';
import {
  addToGates,
  bendAmount,
  bendGates,
  makeBrush,
  scaleGates,
  setGates,
  smoothGates,
  valuesUnder,
} from './brush.ts';
import { copyCurve, drawSegment, sampleCurve, segmentBand } from './draw.ts';
import { makeLayout, type GateSlot } from './field.ts';
import { emptyTally, injectedShare, meanGate, openShare, tallySlot } from './statistics.ts';

const layout = makeLayout([
  { id: 'a', rank: 8 },
  { id: 'b', rank: 4 },
  { id: 'c', rank: 16 },
]);
const [a, b, c] = layout.slots as [GateSlot, GateSlot, GateSlot];
const ramp = Float32Array.from({ length: layout.size }, (_, i) => (i % 8) / 8);
const at = (values: Float32Array, i: number) => values[i] ?? NaN;

describe('bands', () => {
  it('cover every subspace exactly once when the rank is at least the number of bands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 500 }), (count, extra) => {
        const rank = count + extra;
        let next = 0;
        for (let band = 0; band < count; band++) {
          const range = bandRange(rank, [band / count, (band + 1) / count]);
          expect(range.start).toBe(next);
          next = range.end;
        }
        expect(next).toBe(rank);
      }),
    );
  });

  it('are never empty, inside the rank, and hold the middle subspace when the rank is small', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 128 }),
        fc.nat(),
        (rank, count, pick) => {
          const band = pick % count;
          const { start, end } = bandRange(rank, [band / count, (band + 1) / count]);
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(rank);
          expect(end).toBeGreaterThan(start);
        },
      ),
    );
    expect(bandRange(2, [0.9, 0.95])).toEqual({ start: 1, end: 2 });
  });

  it('null is the whole spectrum and positions invert', () => {
    expect(bandRange(7, null)).toEqual({ start: 0, end: 7 });
    for (let i = 0; i < 7; i++) expect(gateIndexAt(relativePosition(i, 7), 7)).toBe(i);
    expect(gateIndexAt(1, 7)).toBe(6);
  });

  it('aggregate to mean, extremes, locked share and injected energy', () => {
    const values = Float32Array.from({ length: layout.size }, () => 0);
    const locks = new Uint8Array(layout.size);
    values.set([1, 0.5, 0, 0.25], b.offset);
    locks[b.offset] = 1;
    const sigma = Float32Array.of(4, 2, 1, 1);
    const out = makeBandFigures(makeBands(2, null));
    aggregateBands(b, values, locks, sigma, out);
    expect([...out.mean]).toEqual([0.75, 0.125]);
    expect([...out.min]).toEqual([0.5, 0]);
    expect([...out.max]).toEqual([1, 0.25]);
    expect([...out.locked]).toEqual([0.5, 0]);
    expect(at(out.energy, 0)).toBeCloseTo((16 + 0.25 * 4) / 20, 6);
    expect(at(out.energy, 1)).toBeCloseTo(0.0625 / 2, 6);
    aggregateBands(b, values, locks, null, out);
    expect(at(out.energy, 0)).toBeNaN();
    aggregateBands(b, values, locks, new Float32Array(4), out);
    expect(at(out.energy, 0)).toBe(0);
  });
});

describe('statistics', () => {
  it('count open and locked gates and weigh energy by σ²', () => {
    const values = new Float32Array(layout.size);
    const locks = new Uint8Array(layout.size);
    values.set([1, 0.5, 0.6, 0], b.offset);
    locks.fill(1, b.offset, b.offset + 3);
    const tally = emptyTally();
    tallySlot(tally, { values, locks }, b, Float32Array.of(2, 1, 1, 0));
    expect(meanGate(tally)).toBeCloseTo(0.525, 6);
    expect(openShare(tally)).toBe(0.5);
    expect(tally.locked).toBe(3);
    expect(injectedShare(tally)).toBeCloseTo((4 + 0.25 + 0.36) / 6, 6);
    tallySlot(tally, { values, locks }, b, null, { start: 0, end: 2 });
    expect(tally.count).toBe(6);
    expect(injectedShare(tally)).toBeCloseTo((4 + 0.25 + 0.36) / 6, 6);
    expect(meanGate(emptyTally())).toBeNaN();
  });
});

describe('brush', () => {
  it('touches the same relative stretch of slots of different rank', () => {
    const brush = makeBrush([a, b, c], [0, 0.5]);
    expect([...brush.indices]).toEqual([0, 1, 2, 3, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect([...setGates(brush, 0.3, 1)].every((value) => Math.abs(value - 0.3) < 1e-6)).toBe(true);
  });

  it('adds and scales from the start values and clamps', () => {
    const brush = makeBrush([a], null);
    expect(at(addToGates(brush, ramp, 0.5, 1), 7)).toBe(1);
    expect(at(addToGates(brush, ramp, -0.5, 1), 2)).toBe(0);
    expect(at(scaleGates(brush, ramp, 2, 1.5), 7)).toBe(1.5);
    expect(at(scaleGates(brush, ramp, 2, 1.5), 1)).toBe(0.25);
    expect(at(setGates(brush, NaN, 1), 0)).toBe(0);
  });

  it('smoothing keeps constants, stays within its neighbours and lessens the variation', () => {
    const brush = makeBrush([c], null);
    const flat = new Float32Array(layout.size).fill(0.4);
    for (const value of smoothGates(brush, flat, 0.05, 1)) expect(value).toBeCloseTo(0.4, 6);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 28, maxLength: 28 }),
        (gates) => {
          const values = Float32Array.from(gates);
          const before = valuesUnder(brush, values);
          const after = smoothGates(brush, values, 0.05, 1);
          const span = (x: Float32Array) => Math.max(...x) - Math.min(...x);
          expect(span(after)).toBeLessThanOrEqual(span(before) + 1e-6);
        },
      ),
    );
  });

  it('bending reaches exactly where the amount says, never clips and keeps order', () => {
    const unit = fc.double({ min: 0, max: 2, noNaN: true });
    const brush = makeBrush([a], null);
    fc.assert(
      fc.property(unit, unit, fc.array(unit, { minLength: 28, maxLength: 28 }), (from, to, gates) => {
        const values = Float32Array.from(gates.sort((x, y) => x - y));
        values[3] = from;
        values.subarray(0, 8).sort();
        const held = values.subarray(0, 8).indexOf(Math.fround(from));
        const amount = bendAmount(Math.fround(from), to, 2);
        const out = bendGates(brush, values, amount, () => 1, 2);
        // A gate at the limit it is pushed from has no room; everywhere else the target is met.
        expect(at(out, held)).toBeCloseTo(to, 4);
        for (let i = 1; i < 8; i++) expect(at(out, i)).toBeGreaterThanOrEqual(at(out, i - 1) - 1e-6);
        expect(Math.max(...out)).toBeLessThanOrEqual(2);
        expect(Math.min(...out)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('bending leaves gates of weight 0 alone', () => {
    const brush = makeBrush([a], null);
    const out = bendGates(brush, ramp, 1, (u) => (u < 0.5 ? 1 : 0), 1);
    expect([...out]).toEqual([1, 1, 1, 1, ...ramp.subarray(4, 8)]);
  });
});

describe('drawing', () => {
  it('puts a straight line on the subspaces it passes, in either direction', () => {
    const from = { u: relativePosition(1, 8), gate: 0.2 };
    const to = { u: relativePosition(5, 8), gate: 1 };
    for (const [p, q] of [
      [from, to],
      [to, from],
    ] as const) {
      const brush = makeBrush([a], segmentBand(p, q, a.gates));
      expect([...brush.indices]).toEqual([1, 2, 3, 4, 5]);
      const out = drawSegment(brush, p, q, (u) => u, 1);
      [0.2, 0.4, 0.6, 0.8, 1].forEach((gate, i) => expect(at(out, i)).toBeCloseTo(gate, 6));
    }
  });

  it('sets the one subspace under a click and clamps above gateMax', () => {
    const point = { u: 0.99, gate: 3 };
    const brush = makeBrush([b], segmentBand(point, point, b.gates));
    expect([...brush.indices]).toEqual([b.offset + 3]);
    expect([...drawSegment(brush, point, point, (u) => u, 1)]).toEqual([1]);
  });

  it('copies exactly between equal ranks and by relative position otherwise', () => {
    const twin = makeLayout([
      { id: 'x', rank: 8 },
      { id: 'y', rank: 8 },
      { id: 'half', rank: 4 },
      { id: 'double', rank: 16 },
    ]);
    const [x, y, half, double] = twin.slots as [GateSlot, GateSlot, GateSlot, GateSlot];
    const values = new Float32Array(twin.size);
    values.set([0, 1, 0, 1, 0.5, 0.5, 0.2, 0.4]);
    expect([...copyCurve(makeBrush([y], null), values, x)]).toEqual([...values.subarray(0, 8)]);
    [0.5, 0.5, 0.5, 0.3].forEach((gate, i) =>
      expect(at(copyCurve(makeBrush([half], null), values, x), i)).toBeCloseTo(gate, 6),
    );
    const wide = copyCurve(makeBrush([double], null), values, x);
    expect(wide).toHaveLength(16);
    expect(at(wide, 0)).toBe(0);
    expect(at(wide, 1)).toBeCloseTo(0.25, 6);
    expect(sampleCurve(values, x, 1)).toBeCloseTo(0.4, 6);
  });
});
