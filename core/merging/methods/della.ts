/**
 * DELLA's MagPrune of the reasoning model, anchored at the VLM. Within each row of τ = W_lrm − W_base the entries
 * are ranked by magnitude, and an entry of rank r (0 the smallest, n − 1 the largest) stays with probability
 *
 *     p_r = d − ε + 2ε · r / (n − 1)
 *
 * so that large entries are dropped less often. The rest is scaled so that the sum of magnitudes of the tensor is
 * what it was. All of it is as mergekit's `della_magprune` with its rescaling, in float32; with one task vector
 * there are no signs to elect. The rank of entries of exactly equal magnitude is left open there; here the first
 * in the row ranks lower. A row of one entry has no ranks, and the entry stays with probability d.
 */
import { StudioError } from '../../errors.ts';
import { density, lambda, seed } from '../common-settings.ts';
import { addMasked, l1Scale, type Mask } from '../masked.ts';
import { defineMethod, type TensorSource } from '../method.ts';
import { randomByIndex } from '../random-mask.ts';

const all: Mask = () => () => true;

export const della = defineMethod({
  id: 'della',
  title: 'DELLA',
  about: 'Entries of the change are dropped at random, small ones more often, and the rest is scaled up.',
  formula: 'W_v + λ · ‖τ‖₁/‖m ⊙ τ‖₁ · m ⊙ τ, m Bernoulli(d − ε + 2ε · rank of |τ| in its row, from 0 to 1)',
  source:
    'Deep et al., 2024 (arXiv 2406.11617), anchored at the VLM; MagPrune and its scale as in mergekit’s `della`',
  group: 'sparse',
  settings: {
    density: density(0.5, 'The probability that an entry of τ stays, on the average over each row.'),
    epsilon: {
      symbol: 'ε',
      label: 'spread',
      help: 'The probability rises by 2ε from the smallest entry of a row to the largest; d ± ε lies within 0 and 1.',
      initial: 0.15,
      low: 0,
      high: 0.5,
      step: 0.05,
    },
    lambda: lambda(),
    seed,
  },
  gates: null,
  stream: {
    isNothing: ({ lambda }) => lambda === 0,
    async *merge(source, { density, epsilon, lambda, seed }) {
      if (density < 1 && !(density + epsilon < 1 && density - epsilon > 0))
        throw new StudioError(
          'bad-request',
          `DELLA cannot keep entries with a probability of ${density} ± ${epsilon}: density ± epsilon must lie between 0 and 1. Choose a smaller epsilon, or a density of 1 to keep every entry.`,
          { details: { field: 'epsilon', value: epsilon } },
        );
      const mask = density < 1 ? byRank(source, density, epsilon, seed) : all;
      yield* addMasked(source, mask, density < 1 ? await l1Scale(source, mask) : 1, lambda);
    },
  },
});

function byRank({ name, columns }: TensorSource, density: number, epsilon: number, seed: number): Mask {
  const random = randomByIndex(seed, name);
  const lowest = Math.fround(density - epsilon);
  const spread = Math.fround(epsilon);
  const limits = Float64Array.from({ length: columns }, (_, rank) => {
    const share = columns > 1 ? Math.fround(rank / (columns - 1)) : 0.5;
    return Math.fround(lowest + Math.fround(Math.fround(share * 2) * spread)) * 2 ** 32;
  });
  // Bits of the magnitude above, column below: sorted as numbers they are sorted by magnitude.
  const keys = new Float64Array(columns);
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  return ({ at, lrm, base }) => {
    const kept = new Uint8Array(base.length);
    for (let row = 0; row < base.length; row += columns) {
      for (let column = 0; column < columns; column++) {
        value[0] = (lrm[row + column] as number) - (base[row + column] as number);
        keys[column] = ((bits[0] as number) & 0x7fffffff) * columns + column;
      }
      keys.sort();
      keys.forEach((key, rank) => {
        const i = row + (key % columns);
        kept[i] = random(at + i) < (limits[rank] as number) ? 1 : 0;
      });
    }
    return (i) => kept[i] === 1;
  };
}
