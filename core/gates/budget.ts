/**
 * Gates under another subspace budget: what a field becomes when subspaces get gates of their own, or lose
 * them to the tail.
 *
 * A gate of several subspaces that replaces several gates is their mean weighted by σ²: the one that changes
 * the merged matrix least, min over g of ‖Σ (g_i − g) σ_i u_i v_iᵀ‖²_F = Σ (g_i − g)² σ_i². Where they were
 * equal, growing included, nothing is rounded.
 */
import { subspacesOf, type GateField, type GateLayout, type GateSlot, type IndexRange } from './field.ts';

/**
 * Singular values of one slot, float32[rank] falling; null while they are unknown, which weighs all subspaces
 * alike.
 */
export type Spectrum = Float32Array | null;

/** Σ σ² of the subspaces that a gate stands for; 0 without a spectrum. */
export function gateEnergy(
  { gates, rank }: Pick<GateSlot, 'gates' | 'rank'>,
  gate: number,
  singularValues: Spectrum,
): number {
  // As `subspacesOf`, without an object for each gate of each frame.
  const end = gate === gates - 1 ? rank : gate + 1;
  let energy = 0;
  for (let i = gate; i < end; i++) energy += (singularValues?.[i] ?? 0) ** 2;
  return energy;
}

/** The energy of every gate of a layout, float64. */
export function gateEnergies({ slots, size }: GateLayout, spectra: readonly Spectrum[]): Float64Array {
  const energies = new Float64Array(size);
  slots.forEach((slot, s) => {
    for (let i = 0; i < slot.gates; i++) energies[slot.offset + i] = gateEnergy(slot, i, spectra[s] ?? null);
  });
  return energies;
}

/**
 * Mean of `valueAt` over subspaces weighted by σ², exactly the value where all are equal; the plain mean
 * where σ are all 0 or unknown.
 */
export function energyMean(
  { start, end }: IndexRange,
  singularValues: Spectrum,
  valueAt: (subspace: number) => number,
): number {
  let weighted = 0;
  let energy = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = start; i < end; i++) {
    const value = valueAt(i);
    const weight = (singularValues?.[i] ?? 0) ** 2;
    weighted += weight * value;
    energy += weight;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min === max) return min;
  const mean = energy > 0 ? weighted / energy : sum / (end - start);
  return Math.min(max, Math.max(min, mean));
}

/**
 * The field under another layout of the same slots. A gate is locked where all that it replaces were.
 * `spectra` run parallel to the slots.
 */
export function mapField(
  field: GateField,
  from: GateLayout,
  to: GateLayout,
  spectra: readonly Spectrum[],
): GateField {
  const values = new Float32Array(to.size);
  const locks = new Uint8Array(to.size);
  to.slots.forEach((slot, s) => {
    const before = from.slots[s];
    if (!before) return;
    const indexOf = (subspace: number): number => before.offset + Math.min(subspace, before.gates - 1);
    for (let gate = 0; gate < slot.gates; gate++) {
      const range = subspacesOf(slot, gate);
      values[slot.offset + gate] = energyMean(
        range,
        spectra[s] ?? null,
        (i) => field.values[indexOf(i)] ?? 0,
      );
      let locked = 1;
      for (let i = range.start; i < range.end; i++) locked &= field.locks[indexOf(i)] ?? 0;
      locks[slot.offset + gate] = locked;
    }
  });
  return { values, locks };
}

/**
 * Whether the field makes the same merged model under the other layout, so that mapping it loses nothing.
 * Locks may still be lost.
 */
export function mapsExactly(field: GateField, from: GateLayout, to: GateLayout): boolean {
  return to.slots.every((slot, s) => {
    const before = from.slots[s];
    if (!before) return false;
    const tail = field.values[before.offset + slot.gates - 1];
    for (let i = slot.gates; i < before.gates; i++)
      if (field.values[before.offset + i] !== tail) return false;
    return true;
  });
}
