/** A small recipe, for tests: with locked gates, a layer without hashes, and names that JSON must escape. */
import { lossesOf } from '../../../test/losses.ts';
import { svdBasis } from '../../gates/basis.ts';
import { defaultOptions } from '../../objective/options.ts';
import { encodeRecipe } from '../encode.ts';
import { type Recipe, type RecipeSlot } from '../recipe.ts';

export const slot = (
  id: string,
  gates: Float32Array,
  locked: readonly number[] = [],
  rank = gates.length,
): RecipeSlot => {
  const locks = new Uint8Array(gates.length);
  for (const index of locked) locks[index] = 1;
  return { id, rank, gates, locks, factors: 'ab'.repeat(32), singularValues: null };
};

export const recipe: Recipe = {
  studio: '0.1.0',
  method: 'frism',
  inputs: {
    base: { label: 'base "quoted"', architecture: 'LlamaForCausalLM', sha256: '0'.repeat(64) },
    vlm: { label: 'vlm', architecture: 'Idefics3ForConditionalGeneration', sha256: null },
    lrm: { label: 'ünïcödé', architecture: 'LlamaForCausalLM', sha256: null },
  },
  options: { ...defaultOptions, lambda: 1.2, steps: 150, batchSize: 32 },
  kernel: 'gram-dc 1',
  step: 120,
  basis: svdBasis,
  budget: null,
  slots: [
    slot('layers.0.self_attn.q_proj', Float32Array.of(0.1, 0.5, 1 / 3, 1, 0), [1, 2, 4]),
    { ...slot('layers.0.mlp.up_proj', new Float32Array(300).fill(0.5)), factors: null },
  ],
  metrics: [{ name: 'perception', correct: 290, total: 300, low: 0.94, high: 0.98, backend: 'wasm' }],
  run: {
    steps: 120,
    losses: lossesOf({ total: -0.1, distill: 0.02, inject: -0.3, composed: 0.5 }),
    backend: 'wasm',
  },
  preset: { name: 'top-k', settings: { k: 32, lambda: 1 } },
  findings: [
    { code: 'lrm-not-from-base', severity: 'error', message: 'Their weights do not correlate.' },
    { code: 'biases-differ', severity: 'warning', message: 'The number of biases “differs”.' },
  ],
};
export const text = encodeRecipe(recipe);
export const changed = (edit: (json: Record<string, never>) => void): string => {
  const json = JSON.parse(text) as Record<string, never>;
  edit(json);
  return JSON.stringify(json);
};
