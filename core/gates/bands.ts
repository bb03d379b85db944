/**
 * Spectral bands: a slot's gates seen as stretches of its spectrum, strongest first.
 *
 * Positions along a spectrum are relative and count gates, so that slots with different numbers of them line
 * up: gate i of n stands at u = (i + ½)/n in (0, 1), and the gate of a tail is the last of them. A band
 * [from, to) holds the gates whose u lies in it. It is never empty: a band that falls between two gates takes
 * the gate whose stretch holds the middle of the band.
 */
import { gateEnergy } from './budget.ts';
import type { GateSlot, IndexRange } from './field.ts';

/** Relative position of a gate in its spectrum, in (0, 1). */
export function relativePosition(index: number, gates: number): number {
  return (index + 0.5) / gates;
}

/** The gate whose stretch of the spectrum holds `u`, in [0, gates). */
export function gateIndexAt(u: number, gates: number): number {
  return Math.min(gates - 1, Math.max(0, Math.floor(u * gates)));
}

const wholeBand: readonly [number, number] = [0, 1];

/** The gates of a band; `null` is the whole spectrum. `gates` ≥ 1. */
export function bandRange(gates: number, band: readonly [number, number] | null): IndexRange {
  const [from, to] = band ?? wholeBand;
  // The centre rule, with a hair of tolerance: 3/7 · 7 is not 3 in floating point.
  const start = Math.min(gates, Math.max(0, Math.ceil(from * gates - 0.5 - 1e-9)));
  const end = Math.min(gates, Math.max(0, Math.ceil(to * gates - 0.5 - 1e-9)));
  if (end > start) return { start, end };
  const nearest = gateIndexAt((from + to) / 2, gates);
  return { start: nearest, end: nearest + 1 };
}

/** A spectrum cut into bands, for all slots of a layout alike. */
export interface Bands {
  readonly count: number;
  /** Where band b begins, and 1 at the end; `count + 1` numbers. */
  readonly edges: readonly number[];
  /** Whether the last band is the tail, and nothing but it. */
  readonly tail: boolean;
}

/** `count` equal bands; with a budget the subspaces of their own in `count − 1`, and the tail as the last. */
export function makeBands(count: number, budget: number | null): Bands {
  const own = budget === null ? count : Math.max(1, count - 1);
  const tailFrom = budget === null ? 1 : budget / (budget + 1);
  const edges = Array.from({ length: own + 1 }, (_, b) => (b / own) * tailFrom);
  return budget === null
    ? { count, edges, tail: false }
    : { count: own + 1, edges: [...edges, 1], tail: true };
}

/** Stretch [from, to) of band b. */
export function bandOf({ edges }: Bands, b: number): readonly [number, number] {
  return [edges[b] ?? 0, edges[b + 1] ?? 1];
}

/**
 * Per-band figures of one slot, structure of arrays; reused from frame to frame. All length `bands.count`.
 */
export interface BandFigures {
  readonly bands: Bands;
  /** Mean, smallest and largest gate. */
  readonly mean: Float32Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /**
   * Injected energy Σ gate² σ² / Σ σ² of the band; NaN without a spectrum, 0 where the band's σ are all 0.
   */
  readonly energy: Float32Array;
  /** Share of locked gates, in [0, 1]. */
  readonly locked: Float32Array;
  /**
   * [start, end) of band b at 2b and 2b + 1, by number of gates: the same few are asked for in every frame.
   */
  readonly ranges: Map<number, Int32Array>;
}

export function makeBandFigures(bands: Bands): BandFigures {
  const { count } = bands;
  return {
    bands,
    mean: new Float32Array(count),
    min: new Float32Array(count),
    max: new Float32Array(count),
    energy: new Float32Array(count),
    locked: new Float32Array(count),
    ranges: new Map(),
  };
}

function rangesOf({ bands, ranges }: BandFigures, gates: number): Int32Array {
  const known = ranges.get(gates);
  if (known) return known;
  const made = new Int32Array(2 * bands.count);
  for (let b = 0; b < bands.count; b++) {
    const { start, end } = bandRange(gates, bandOf(bands, b));
    made[2 * b] = start;
    made[2 * b + 1] = end;
  }
  ranges.set(gates, made);
  return made;
}

/**
 * Fills `out` for one slot; allocates nothing once its number of gates is known. `singularValues`:
 * float32[rank], or null while unknown.
 */
export function aggregateBands(
  slot: GateSlot,
  values: Float32Array,
  locks: Uint8Array,
  singularValues: Float32Array | null,
  out: BandFigures,
): void {
  const ranges = rangesOf(out, slot.gates);
  for (let b = 0; b < out.bands.count; b++) {
    const start = ranges[2 * b] ?? 0;
    const end = ranges[2 * b + 1] ?? 0;
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    let locked = 0;
    let injected = 0;
    let available = 0;
    for (let i = start; i < end; i++) {
      const gate = values[slot.offset + i] ?? 0;
      sum += gate;
      if (gate < min) min = gate;
      if (gate > max) max = gate;
      locked += locks[slot.offset + i] ?? 0;
      const energy = gateEnergy(slot, i, singularValues);
      available += energy;
      injected += gate * gate * energy;
    }
    out.mean[b] = sum / (end - start);
    out.min[b] = min;
    out.max[b] = max;
    out.locked[b] = locked / (end - start);
    out.energy[b] = singularValues === null ? NaN : available > 0 ? injected / available : 0;
  }
}
