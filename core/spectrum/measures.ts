/**
 * How a matrix's strength is spread over its singular values. All sums in float64; a zero matrix has zero for
 * every measure.
 */
import { noiseEdge } from './marchenko-pastur.ts';

/** Structurally the protocol's SpectralMeasures. */
export interface Measures {
  readonly frobenius: number;
  readonly stableRank: number;
  readonly effectiveRank: number;
  readonly participationRatio: number;
  /** In units of σ. */
  readonly noiseEdge: number;
}

const sum = (values: ArrayLike<number>, of: (value: number) => number): number => {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += of(values[i] as number);
  return total;
};
const energy = (values: ArrayLike<number>): number => sum(values, (value) => value * value);

/** ‖W‖_F = √Σσ². */
export const frobenius = (singularValues: ArrayLike<number>): number => Math.sqrt(energy(singularValues));

/** ‖W‖²_F / σ₁²; `singularValues` fall. */
export function stableRank(singularValues: ArrayLike<number>): number {
  const top = singularValues[0] ?? 0;
  return top === 0 ? 0 : sum(singularValues, (value) => (value / top) ** 2);
}

/** exp(−Σ p ln p) with p = σ / Σσ (Roy and Vetterli, "The effective rank", 2007). */
export function effectiveRank(singularValues: ArrayLike<number>): number {
  const total = sum(singularValues, (value) => value);
  if (total === 0) return 0;
  return Math.exp(
    -sum(singularValues, (value) => (value === 0 ? 0 : (value / total) * Math.log(value / total))),
  );
}

/**
 * (Σσ²)² / Σσ⁴: how many directions of equal energy would spread as widely. Scaled by σ₁, so that σ⁴ neither
 * over- nor underflows.
 */
export function participationRatio(singularValues: ArrayLike<number>): number {
  const top = singularValues[0] ?? 0;
  if (top === 0) return 0;
  return (
    sum(singularValues, (value) => (value / top) ** 2) ** 2 /
    sum(singularValues, (value) => (value / top) ** 4)
  );
}

/** Share of Σσ² in the first k directions, in [0, 1]; k beyond the rank means all. */
export function energyKept(singularValues: ArrayLike<number>, k: number): number {
  const total = energy(singularValues);
  if (total === 0) return 0;
  let kept = 0;
  for (let i = 0; i < Math.min(k, singularValues.length); i += 1) kept += (singularValues[i] as number) ** 2;
  return kept / total;
}

/** The smallest k whose first k directions keep `share` of the energy, 0 for a zero matrix. */
export function rankForEnergy(singularValues: ArrayLike<number>, share: number): number {
  const wanted = share * energy(singularValues);
  let kept = 0;
  for (let k = 0; k < singularValues.length; k += 1) {
    if (kept >= wanted) return k;
    kept += (singularValues[k] as number) ** 2;
  }
  return singularValues.length;
}

/** `singularValues`: all min(rows, columns), falling; zeros at the end may be left out. */
export function measureSpectrum(singularValues: ArrayLike<number>, rows: number, columns: number): Measures {
  return {
    frobenius: frobenius(singularValues),
    stableRank: stableRank(singularValues),
    effectiveRank: effectiveRank(singularValues),
    participationRatio: participationRatio(singularValues),
    noiseEdge: noiseEdge(singularValues, rows, columns),
  };
}
