/**
 * The merge methods of the command line. Presets of the studio (`core/gates/presets.ts`), and classics
 * that need no decomposition.
 */
import { makeBrush, type Brush } from '../../core/gates/brush.ts';
import {
  presetGates,
  type PresetName,
  type PresetParameters,
  type PresetResult,
  type PresetSlot,
} from '../../core/gates/presets.ts';
import { taskArithmetic } from '../../workers/merge/arithmetic.ts';
import { linearBlend, slerp } from '../../workers/merge/blend.ts';
import { dare } from '../../workers/merge/dare.ts';
import { ties } from '../../workers/merge/ties.ts';
import type { GateMethod, Method, Setting, StreamMethod, Values } from './method.ts';

/** What a gate may be at most: where a method asks for more, it is cut and counted. */
export const gateLimit = 1024;

const lambda = (initial = 1): Setting => ({
  about: 'λ, the strength of the whole',
  initial,
  low: 0,
  high: 100,
});
const share = (about: string, initial: number, low = 0): Setting => ({ about, initial, low, high: 1 });

const preset = (
  name: PresetName,
  brush: Brush,
  values: Float32Array,
  slots: readonly PresetSlot[],
  parameters: Partial<PresetParameters> = {},
): PresetResult =>
  presetGates(
    name,
    brush,
    values,
    slots,
    { constant: 1, keptShare: 1, directions: 1, ...parameters },
    gateLimit,
  );

/** A preset whose parameter is another one in each matrix. */
function bySlot(
  brush: Brush,
  slots: readonly PresetSlot[],
  of: (one: Brush, slot: PresetSlot) => PresetResult,
): PresetResult {
  const values = new Float32Array(brush.indices.length);
  let clamped = 0;
  brush.stretches.forEach(({ slot, at }, s) => {
    const about = slots[s];
    if (!about) return;
    const result = of(makeBrush([slot], null), about);
    values.set(result.values, at);
    clamped += result.clamped;
  });
  return { values, clamped };
}

const gateMethods: readonly GateMethod[] = [
  {
    name: 'top-k',
    kind: 'gates',
    formula: 'W_v + λ · U_k diag(S_k) V_kᵀ: the k strongest subspaces of each matrix, as they are',
    source: 'Eckart and Young, 1936; truncation of τ as in TSV-M (CVPR 2025) and STAR (NAACL 2025)',
    settings: {
      k: {
        about: 'subspaces of each matrix; all where it has fewer',
        initial: 32,
        low: 1,
        high: 1e6,
        whole: true,
      },
      lambda: lambda(),
    },
    gates: (brush, slots, value) =>
      bySlot(brush, slots, (one, slot) =>
        preset('truncation', one, new Float32Array(), [slot], {
          keptShare: Math.min(1, value('k') / slot.singularValues.length),
        }),
      ),
  },
  {
    name: 'top-share',
    kind: 'gates',
    formula: 'as top-k, with k = share · rank, rounded, at least 1',
    source: 'as top-k',
    settings: { share: share('share of each matrix’s rank', 0.25), lambda: lambda() },
    gates: (brush, slots, value) =>
      preset('truncation', brush, new Float32Array(), slots, { keptShare: value('share') }),
  },
  {
    name: 'above-noise',
    kind: 'gates',
    formula: 'W_v + λ · Σ S_i u_i v_iᵀ over S_i above the Marchenko-Pastur edge of its matrix',
    source: 'edge by the median of the spectrum: Gavish and Donoho, 2014 (docs/method.md)',
    settings: { lambda: lambda() },
    gates: (brush, slots) => preset('above-noise', brush, new Float32Array(), slots),
  },
  {
    name: 'iso-c',
    kind: 'gates',
    formula: 'W_v + λ · mean(S) · U Vᵀ',
    source: 'Iso-C of one task vector: Marczak et al., ICML 2025 (arXiv 2502.04959)',
    settings: { lambda: lambda() },
    gates: (brush, slots) => preset('isotropic', brush, new Float32Array(), slots),
  },
  {
    name: 'selective-rl',
    kind: 'gates',
    formula:
      'W_v + λ · ‖S‖/‖S_k‖ · U_k diag(S_k) V_kᵀ: the k leading directions with the Frobenius norm of τ restored',
    source: 'Selective-RL, arXiv 2610.08659 (k = 1, λ = 0.05 there)',
    settings: {
      k: { about: 'leading directions', initial: 1, low: 1, high: 1e6, whole: true },
      lambda: lambda(0.05),
    },
    gates: (brush, slots, value) =>
      preset('selective', brush, new Float32Array(), slots, { directions: value('k') }),
  },
  {
    name: 'layer-wise',
    kind: 'gates',
    formula:
      'W_v + λ · c_l · τ with one c for each model layer l: from `first` to `last` in equal steps, or, with --recipe, what injects as much energy as its gates',
    source: 'the layer-wise form of AdaMerging (ICLR 2024), here with constants that are given',
    settings: {
      first: { about: 'c of the first layer', initial: 1, low: 0, high: gateLimit },
      last: { about: 'c of the last layer', initial: 1, low: 0, high: gateLimit },
      lambda: lambda(),
    },
    takesRecipe: true,
    gates(brush, slots, value, before) {
      if (before) return preset('level', brush, before, slots);
      const last = Math.max(...slots.map(({ layer }) => layer));
      return bySlot(brush, slots, (one, slot) =>
        preset('task-arithmetic', one, new Float32Array(), [slot], {
          constant: value('first') + (value('last') - value('first')) * (last > 0 ? slot.layer / last : 0),
        }),
      );
    },
  },
];

const seed: Setting = {
  about: 'which entries are dropped',
  initial: 0,
  low: 0,
  high: 2 ** 32 - 1,
  whole: true,
};
const dareSettings = {
  density: share('probability that an entry of τ stays', 0.5, 1e-6),
  lambda: lambda(),
  seed,
};
const noStrength = (value: Values): boolean => value('lambda') === 0;

const streamMethods: readonly StreamMethod[] = [
  {
    name: 'task-arithmetic',
    kind: 'stream',
    formula: 'W_v + λ · τ, τ = W_lrm − W_base',
    source: 'Ilharco et al., ICLR 2023, anchored at the VLM',
    settings: { lambda: lambda() },
    isNothing: noStrength,
    merge: (inputs, value, signal) => taskArithmetic(inputs, value('lambda'), signal),
  },
  {
    name: 'ties',
    kind: 'stream',
    formula:
      'W_base + λ · Σ w_i m_i τ_i / Σ w_i m_i over VLM and LRM: entries trimmed by magnitude, those of the elected sign averaged',
    source: 'Yadav et al., NeurIPS 2023; numbers as mergekit’s `ties`, normalised',
    settings: {
      density: share('share of each task vector’s entries that stays', 0.2, 1e-6),
      lambda: lambda(),
      'vlm-weight': { about: 'w of the VLM', initial: 1, low: 0, high: 100 },
      'lrm-weight': { about: 'w of the LRM', initial: 1, low: 0, high: 100 },
    },
    merge: (inputs, value, signal) =>
      ties(
        inputs,
        {
          density: value('density'),
          lambda: value('lambda'),
          vlmWeight: value('vlm-weight'),
          lrmWeight: value('lrm-weight'),
        },
        signal,
      ),
  },
  {
    name: 'dare',
    kind: 'stream',
    formula: 'W_v + λ/d · m ⊙ τ, m Bernoulli(d): τ in expectation',
    source: 'Yu et al., ICML 2024, anchored at the VLM; drops the reasoner’s entries only',
    settings: dareSettings,
    isNothing: noStrength,
    merge: (inputs, value, signal) =>
      dare(
        inputs,
        { density: value('density'), lambda: value('lambda'), seed: value('seed'), rescale: 'expectation' },
        signal,
      ),
  },
  {
    name: 'dare-l1',
    kind: 'stream',
    formula: 'as dare, with ‖τ‖₁/‖m ⊙ τ‖₁ of each tensor in the place of 1/d',
    source: 'mergekit’s `rescale`',
    settings: dareSettings,
    isNothing: noStrength,
    merge: (inputs, value, signal) =>
      dare(
        inputs,
        { density: value('density'), lambda: value('lambda'), seed: value('seed'), rescale: 'l1' },
        signal,
      ),
  },
  {
    name: 'br2v',
    kind: 'stream',
    formula: 'α W_v + (1 − α) W_lrm, linear layers only',
    source: 'Chen et al., “Bring Reason to Vision”, ICML 2025',
    settings: { alpha: share('weight of the VLM', 0.9) },
    isNothing: (value) => value('alpha') === 1,
    merge: (inputs, value, signal) => linearBlend(inputs, 1 - value('alpha'), signal),
  },
  {
    name: 'slerp',
    kind: 'stream',
    formula:
      '[sin((1 − t)θ) W_v + sin(tθ) W_lrm] / sin θ, θ the angle between the two tensors; straight where |cos θ| > 0.9995',
    source: 'Shoemake, 1985; as mergekit’s `slerp`',
    settings: { t: share('0 is the VLM, 1 the LRM', 0.1) },
    isNothing: (value) => value('t') === 0,
    merge: (inputs, value, signal) => slerp(inputs, value('t'), signal),
  },
];

export const methods: readonly Method[] = [...streamMethods, ...gateMethods];
