/**
 * Single-source merge methods as gate curves on the reasoning model's own spectrum: the same control, set all
 * at once.
 *
 * A curve needs only the slot's singular values. Where a method asks for more than gateMax, the gate is
 * clamped and the number of clamped gates is reported: a clamped isotropic merge is no longer isotropic, and
 * the person must be told. Where a method wants several gates in a tail that has one, the tail gets the one
 * nearest to them (`energyMean`). "Spectral edit" (×1.25/1/0.8 by |∂L/∂S_i|) is not here: it needs a gradient
 * that no file holds.
 */
import { clampGate, type Brush } from './brush.ts';
import { energyMean, gateEnergy } from './budget.ts';
import { subspacesOf } from './field.ts';

export type PresetName =
  'task-arithmetic' | 'truncation' | 'above-noise' | 'isotropic' | 'selective' | 'level';

export interface PresetParameters {
  /** Task arithmetic: the gate everywhere. */
  readonly constant: number;
  /** Truncation: share of the rank kept, in (0, 1]. */
  readonly keptShare: number;
  /** Selective: number of leading directions kept, ≥ 1. */
  readonly directions: number;
}

export interface PresetSlot {
  /** Falling, float32[rank]. */
  readonly singularValues: Float32Array;
  /** Marchenko-Pastur edge in units of σ. */
  readonly noiseEdge: number;
  /** Model layer the slot belongs to: 'level' gives one constant to each. */
  readonly layer: number;
}

export interface PresetResult {
  /** Parallel to the brush's indices, in [0, gateMax]. */
  readonly values: Float32Array;
  /** Gates that the method wanted above gateMax. */
  readonly clamped: number;
}

type Curve = (sigma: number, i: number) => number;

/** The method's gate for subspace i, before clamping. */
function curveOf(name: Exclude<PresetName, 'level'>, slot: PresetSlot, parameters: PresetParameters): Curve {
  const sigmas = slot.singularValues;
  switch (name) {
    // W_v + λ τ_r with the gate as the constant.
    case 'task-arithmetic':
      return () => parameters.constant;
    case 'truncation': {
      const kept = Math.max(1, Math.round(parameters.keptShare * sigmas.length));
      return (_sigma, i) => (i < kept ? 1 : 0);
    }
    case 'above-noise':
      return (sigma) => (sigma > slot.noiseEdge ? 1 : 0);
    // Iso-C: every direction gets the mean singular value, S_eff = mean(S). A direction with σ = 0 has no
    // gain to give.
    case 'isotropic': {
      const mean = sigmas.reduce((sum, sigma) => sum + sigma, 0) / sigmas.length;
      return (sigma) => (sigma > 0 ? mean / sigma : 0);
    }
    // Selective-RL (arXiv 2610.08659): the leading k directions with the Frobenius norm restored,
    // g = (Σ_{j≤k} S_j² / Σ S_j²)^(−1/2) for i < k, 0 after.
    case 'selective': {
      const kept = Math.min(sigmas.length, Math.max(1, Math.round(parameters.directions)));
      let leading = 0;
      let total = 0;
      sigmas.forEach((sigma, i) => {
        total += sigma * sigma;
        if (i < kept) leading += sigma * sigma;
      });
      const gate = leading > 0 ? Math.sqrt(total / leading) : 0;
      return (_sigma, i) => (i < kept ? gate : 0);
    }
    default:
      return name satisfies never;
  }
}

/**
 * One constant a model layer that injects as much energy as the layer's gates under the brush do now: λ by
 * layer, nothing within it.
 */
function levelConstants(
  brush: Brush,
  values: Float32Array,
  slots: readonly PresetSlot[],
): Map<number, number> {
  const sums = new Map<number, { injected: number; available: number }>();
  brush.stretches.forEach(({ slot, start, end }, s) => {
    const about = slots[s];
    if (!about) return;
    const sum = sums.get(about.layer) ?? { injected: 0, available: 0 };
    for (let i = start; i < end; i++) {
      const energy = gateEnergy(slot, i, about.singularValues);
      const gate = values[slot.offset + i] ?? 0;
      sum.injected += gate * gate * energy;
      sum.available += energy;
    }
    sums.set(about.layer, sum);
  });
  return new Map(
    [...sums].map(([layer, { injected, available }]) => [
      layer,
      available > 0 ? Math.sqrt(injected / available) : 0,
    ]),
  );
}

/**
 * A preset over a brush. `slots` runs parallel to `brush.stretches`; `values` are the gates now (only 'level'
 * reads them).
 */
export function presetGates(
  name: PresetName,
  brush: Brush,
  values: Float32Array,
  slots: readonly PresetSlot[],
  parameters: PresetParameters,
  gateMax: number,
): PresetResult {
  const out = new Float32Array(brush.indices.length);
  const constants = name === 'level' ? levelConstants(brush, values, slots) : null;
  let clamped = 0;
  brush.stretches.forEach(({ slot, start, end, at }, s) => {
    const about = slots[s];
    if (!about) return;
    const curve: Curve =
      name === 'level' ? () => constants?.get(about.layer) ?? 0 : curveOf(name, about, parameters);
    for (let i = start; i < end; i++) {
      const wanted = energyMean(subspacesOf(slot, i), about.singularValues, (j) =>
        curve(about.singularValues[j] ?? 0, j),
      );
      // Float noise around 1 is not clamping.
      if (wanted > gateMax * (1 + 1e-6)) clamped += 1;
      out[at + i - start] = clampGate(wanted, gateMax);
    }
  });
  return { values: out, clamped };
}
