/**
 * The gates that a method sets, over a brush. Where a method asks for more than gateMax the gate is cut and
 * counted: a clamped isotropic merge is no longer isotropic, and the person must be told. Where a method wants
 * several gates in a tail that has one, the tail gets the one nearest to them (`energyMean`).
 */
import { clampGate, type Brush } from '../gates/brush.ts';
import { energyMean, gateEnergy } from '../gates/budget.ts';
import { subspacesOf } from '../gates/field.ts';
import type { GateMethod, MethodSlot, MethodValues, SlotEnergy } from './method.ts';

export interface MethodGates {
  /** Parallel to the brush's indices, in [0, gateMax]. */
  readonly values: Float32Array;
  /** Gates that the method wanted above gateMax. */
  readonly clamped: number;
  /** The largest gate that the method wanted. */
  readonly most: number;
}

/**
 * @param gates all gates now, which only a method that starts from gates reads
 * @param slots parallel to `brush.stretches`
 */
export function methodGates(
  { gates: form }: GateMethod,
  brush: Brush,
  gates: Float32Array,
  slots: readonly MethodSlot[],
  settings: MethodValues,
  gateMax: number,
): MethodGates {
  const out = new Float32Array(brush.indices.length);
  const curves = form.curves(slots, settings, form.startsFromGates ? energiesOf(brush, gates, slots) : []);
  let clamped = 0;
  let most = 0;
  brush.stretches.forEach(({ slot, start, end, at }, s) => {
    const [about, curve] = [slots[s], curves[s]];
    if (!about || !curve) return;
    for (let i = start; i < end; i++) {
      const wanted = energyMean(subspacesOf(slot, i), about.singularValues, (j) =>
        curve(about.singularValues[j] ?? 0, j),
      );
      most = Math.max(most, wanted);
      // Float noise around 1 is not clamping.
      if (wanted > gateMax * (1 + 1e-6)) clamped += 1;
      out[at + i - start] = clampGate(wanted, gateMax);
    }
  });
  return { values: out, clamped, most };
}

function energiesOf(brush: Brush, gates: Float32Array, slots: readonly MethodSlot[]): readonly SlotEnergy[] {
  return brush.stretches.map(({ slot, start, end }, s) => {
    const singularValues = slots[s]?.singularValues ?? null;
    let [injected, available] = [0, 0];
    for (let i = start; i < end; i++) {
      const energy = gateEnergy(slot, i, singularValues);
      const gate = gates[slot.offset + i] ?? 0;
      injected += gate * gate * energy;
      available += energy;
    }
    return { injected, available };
  });
}
