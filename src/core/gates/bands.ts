/**
 * Spectral bands: a slot's subspaces seen as B equal stretches of its spectrum, strongest first.
 *
 * Positions along a spectrum are relative, so that slots of different rank line up: subspace i of a slot of rank r sits at
 * u = (i + ½)/r in (0, 1). A band [from, to) holds the subspaces whose u lies in it, and never none: where it falls between two
 * subspaces it takes the one whose stretch holds its middle.
 */
import type { GateSlot } from './field.ts';

/** Relative position of a subspace in its spectrum, in (0, 1). */
export function relativePosition(index: number, rank: number): number {
  return (index + 0.5) / rank;
}

/** The subspace whose stretch of the spectrum holds `u`, in [0, rank). */
export function subspaceAt(u: number, rank: number): number {
  return Math.min(rank - 1, Math.max(0, Math.floor(u * rank)));
}

export interface SubspaceRange {
  /** First subspace. */
  readonly start: number;
  /** One past the last; always greater than `start`. */
  readonly end: number;
}

const wholeBand: readonly [number, number] = [0, 1];

/** The subspaces of a band; `null` is the whole spectrum. `rank` ≥ 1. */
export function bandRange(rank: number, band: readonly [number, number] | null): SubspaceRange {
  const [from, to] = band ?? wholeBand;
  // The centre rule, with a hair of tolerance: 3/7 · 7 is not 3 in floating point.
  const start = Math.min(rank, Math.max(0, Math.ceil(from * rank - 0.5 - 1e-9)));
  const end = Math.min(rank, Math.max(0, Math.ceil(to * rank - 0.5 - 1e-9)));
  if (end > start) return { start, end };
  const nearest = subspaceAt((from + to) / 2, rank);
  return { start: nearest, end: nearest + 1 };
}

/** Per-band figures of one slot, structure of arrays; reused from frame to frame. All length `count`. */
export interface BandFigures {
  readonly count: number;
  /** Mean, smallest and largest gate. */
  readonly mean: Float32Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Injected energy Σ gate² σ² / Σ σ² of the band; NaN without a spectrum, 0 where the band's σ are all 0. */
  readonly energy: Float32Array;
  /** Share of locked gates, in [0, 1]. */
  readonly locked: Float32Array;
}

export function makeBandFigures(count: number): BandFigures {
  return {
    count,
    mean: new Float32Array(count),
    min: new Float32Array(count),
    max: new Float32Array(count),
    energy: new Float32Array(count),
    locked: new Float32Array(count),
  };
}

/** Edges of all bands by rank and count: the same few are asked for in every frame. */
const edgeCache = new Map<string, Int32Array>();
const EDGE_CACHE_LIMIT = 64;

/** [start, end) of band b at 2b and 2b + 1. */
function bandEdges(rank: number, count: number): Int32Array {
  const key = `${rank}/${count}`;
  const known = edgeCache.get(key);
  if (known) return known;
  if (edgeCache.size >= EDGE_CACHE_LIMIT) edgeCache.clear();
  const edges = new Int32Array(2 * count);
  for (let b = 0; b < count; b++) {
    const { start, end } = bandRange(rank, [b / count, (b + 1) / count]);
    edges[2 * b] = start;
    edges[2 * b + 1] = end;
  }
  edgeCache.set(key, edges);
  return edges;
}

/** Fills `out` for one slot; allocates nothing once the rank is known. `singularValues`: float32[rank], or null while unknown. */
export function aggregateBands(
  slot: GateSlot,
  values: Float32Array,
  locks: Uint8Array,
  singularValues: Float32Array | null,
  out: BandFigures,
): void {
  const edges = bandEdges(slot.rank, out.count);
  for (let b = 0; b < out.count; b++) {
    const start = edges[2 * b] ?? 0;
    const end = edges[2 * b + 1] ?? 0;
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
      const sigma = singularValues?.[i] ?? 0;
      available += sigma * sigma;
      injected += gate * gate * sigma * sigma;
    }
    out.mean[b] = sum / (end - start);
    out.min[b] = min;
    out.max[b] = max;
    out.locked[b] = locked / (end - start);
    out.energy[b] = singularValues === null ? NaN : available > 0 ? injected / available : 0;
  }
}
