/**
 * DARE of the reasoning model, anchored at the VLM: entries of τ = W_lrm − W_base are dropped at random and the
 * rest scaled up so that the expectation is τ. In float32.
 */
import { density, lambda, seed } from '../common-settings.ts';
import { addMasked, bernoulli } from '../masked.ts';
import { defineMethod } from '../method.ts';

export const dare = defineMethod({
  id: 'dare',
  title: 'DARE',
  about: 'Entries of the change are dropped at random, and the rest is scaled up by 1/d.',
  formula: 'W_v + λ/d · m ⊙ τ, m Bernoulli(d): τ in expectation',
  source: 'Yu et al., ICML 2024, anchored at the VLM; drops the reasoner’s entries only',
  group: 'sparse',
  settings: {
    density: density(0.5, 'The probability that an entry of τ stays.'),
    lambda: lambda(),
    seed,
  },
  gates: null,
  stream: {
    isNothing: ({ lambda }) => lambda === 0,
    merge: (source, { density, lambda, seed }) =>
      addMasked(source, bernoulli(source, density, seed), density >= 1 ? 1 : 1 / density, lambda),
  },
});
