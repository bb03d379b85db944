/** DARE with the scale of mergekit: the sum of magnitudes of each tensor is restored. In float32. */
import { density, lambda, seed } from '../common-settings.ts';
import { addMasked, bernoulli, l1Scale } from '../masked.ts';
import { defineMethod } from '../method.ts';

export const dareL1 = defineMethod({
  id: 'dare-l1',
  title: 'DARE, L1 norm restored',
  about: 'Entries of the change are dropped at random, and the sum of magnitudes is restored.',
  formula: 'W_v + λ · ‖τ‖₁/‖m ⊙ τ‖₁ · m ⊙ τ, m Bernoulli(d), tensor by tensor',
  source: 'Yu et al., ICML 2024, scaled as by mergekit’s `rescale`',
  group: 'sparse',
  settings: {
    density: density(0.5, 'The probability that an entry of τ stays.'),
    lambda: lambda(),
    seed,
  },
  gates: null,
  stream: {
    isNothing: ({ lambda }) => lambda === 0,
    async *merge(source, { density, lambda, seed }) {
      const mask = bernoulli(source, density, seed);
      yield* addMasked(source, mask, density >= 1 ? 1 : await l1Scale(source, mask), lambda);
    },
  },
});
