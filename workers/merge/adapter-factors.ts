/**
 * A merged layer as a LoRA pair: ΔW = λ U diag(gate ⊙ S) Vᵀ = B A with B = U √(λ gate ⊙ S) and A = √(λ gate ⊙
 * S) Vᵀ, the same share of the scale on both sides, as training leaves it. Cut to rank k, the strongest
 * directions stay: by Eckart and Young (1936) the best approximation of that rank, where they are singular
 * directions. In another basis (core/gates/basis.ts) it is one of that rank, and the energy is counted as rightly,
 * because pieces are orthogonal there too.
 */
import { subspacesOf, type GateSlot } from '../../core/gates/field.ts';
import type { SlotFactors } from './factors.ts';

export interface AdapterFactors {
  readonly rank: number;
  /** [rank, columns] */
  readonly a: Float32Array<ArrayBuffer>;
  /** [rows, rank] */
  readonly b: Float32Array<ArrayBuffer>;
  /** ‖ΔW‖²_F, and what of it the chosen directions hold; λ² included. */
  readonly energy: number;
  readonly energyKept: number;
}

/**
 * λ · gate · σ of every subspace of a slot, float64 [r]; the tail's gate counts for each subspace behind it.
 */
export function effectiveValues(
  { s }: Pick<SlotFactors, 's'>,
  place: GateSlot,
  gates: Float32Array,
  lambda: number,
): Float64Array {
  const values = new Float64Array(s.length);
  for (let gate = 0; gate < place.gates; gate++) {
    const { start, end } = subspacesOf(place, gate);
    for (let i = start; i < end; i++) values[i] = lambda * (gates[place.offset + gate] ?? 0) * (s[i] ?? 0);
  }
  return values;
}

/**
 * The subspaces that an adapter of at most `maxRank` keeps, strongest first; none that has no strength. Null
 * keeps all of those.
 */
export function keptSubspaces(values: Float64Array, maxRank: number | null): number[] {
  const order = Array.from(values.keys()).filter((i) => (values[i] ?? 0) > 0);
  order.sort((i, j) => (values[j] ?? 0) - (values[i] ?? 0) || i - j);
  return maxRank === null ? order : order.slice(0, maxRank);
}

export function adapterFactors(
  { u, vt, rows, columns, rank }: SlotFactors,
  values: Float64Array,
  kept: readonly number[],
): AdapterFactors {
  const a = new Float32Array(kept.length * columns);
  const b = new Float32Array(rows * kept.length);
  let energyKept = 0;
  kept.forEach((subspace, i) => {
    const value = values[subspace] ?? 0;
    energyKept += value * value;
    const root = Math.sqrt(value);
    for (let column = 0; column < columns; column++)
      a[i * columns + column] = root * (vt[subspace * columns + column] ?? 0);
    for (let row = 0; row < rows; row++) b[row * kept.length + i] = root * (u[row * rank + subspace] ?? 0);
  });
  return {
    rank: kept.length,
    a,
    b,
    energy: values.reduce((sum, value) => sum + value * value, 0),
    energyKept,
  };
}
