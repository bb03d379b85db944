/** Sums over many gates, which the statistics line and the rows of the layer list show. */
import { gateEnergy } from './budget.ts';
import type { GateField, GateSlot, IndexRange } from './field.ts';

/** Running sums; add stretches of slots to it, then read the shares. */
export interface GateTally {
  count: number;
  gateSum: number;
  /** Gates above one half. */
  open: number;
  locked: number;
  /** Σ gate² σ² and Σ σ² over the stretches with a known spectrum. */
  injected: number;
  available: number;
}

export function emptyTally(): GateTally {
  return { count: 0, gateSum: 0, open: 0, locked: 0, injected: 0, available: 0 };
}

/**
 * Adds gates [start, end) of a slot; `range` null is the whole slot. A slot without a spectrum counts in all
 * but the energy.
 */
export function tallySlot(
  tally: GateTally,
  field: GateField,
  slot: GateSlot,
  singularValues: Float32Array | null,
  range: IndexRange | null = null,
): void {
  const end = range?.end ?? slot.gates;
  for (let i = range?.start ?? 0; i < end; i++) {
    const gate = field.values[slot.offset + i] ?? 0;
    tally.count += 1;
    tally.gateSum += gate;
    if (gate > 0.5) tally.open += 1;
    tally.locked += field.locks[slot.offset + i] ?? 0;
    const energy = gateEnergy(slot, i, singularValues);
    tally.injected += gate * gate * energy;
    tally.available += energy;
  }
}

/** NaN for an empty tally: there is no mean of nothing. */
export function meanGate(tally: GateTally): number {
  return tally.gateSum / tally.count;
}

/** Share of gates above one half, in [0, 1]; NaN when empty. */
export function openShare(tally: GateTally): number {
  return tally.open / tally.count;
}

/**
 * ‖S_eff‖² / ‖S‖² (the summand of FRISM Eq. 9, normalised); NaN while no spectrum is known. Above 1 where
 * gates are.
 */
export function injectedShare(tally: GateTally): number {
  return tally.injected / tally.available;
}
