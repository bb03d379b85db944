/**
 * TIES of VLM and reasoning model on their base, one tensor at a time:
 *
 *     trim:   of τ_i = W_i − W_0 the max(1, ⌊d·n⌋) entries of largest magnitude stay
 *     elect:  s = sign(Σ w_i τ_i), + where the sum is 0
 *     merge:  W_0 + λ · Σ w_i m_i τ_i / Σ w_i m_i,  m_i = [sign τ_i = s];  W_0 where no m_i is 1
 *
 * As mergekit computes it (`ties`, normalised), all in float32. Which of several entries of exactly equal
 * magnitude stay is left open there; here it is the first in storage order. Reads each tensor three times, and
 * holds none of it: the threshold is found by counting.
 */
import { density, eachPiece, lambda } from '../common-settings.ts';
import { keepLargest, type Keep } from '../keep-largest.ts';
import { defineMethod, type MethodSetting } from '../method.ts';

const weight = (symbol: string, whose: string): MethodSetting => ({
  symbol,
  label: `weight of the ${whose}`,
  help: `The weight of the ${whose} in the vote on each sign and in the mean.`,
  initial: 1,
  low: 0,
  high: 100,
  step: 0.1,
});
const all: readonly [Keep, Keep] = [() => true, () => true];

export const ties = defineMethod({
  id: 'ties',
  title: 'TIES',
  about: 'The largest entries of both task vectors stay, and those of the elected sign are averaged.',
  formula:
    'W_base + λ · Σ w_i m_i τ_i / Σ w_i m_i over VLM and LRM: entries trimmed by magnitude, those of the elected sign averaged',
  source: 'Yadav et al., NeurIPS 2023; numbers as mergekit’s `ties`, normalised',
  group: 'sparse',
  settings: {
    density: density(0.2, 'The share of each task vector’s entries that stays, largest first.'),
    lambda: {
      ...lambda(),
      help: 'The strength of the merged change on the base; 0 gives the base, not the VLM.',
    },
    'vlm-weight': weight('w_v', 'VLM'),
    'lrm-weight': weight('w_r', 'LRM'),
  },
  gates: null,
  stream: {
    async *merge(source, { density, lambda, 'vlm-weight': vlmWeight, 'lrm-weight': lrmWeight }) {
      const [keepVlm, keepLrm] = density >= 1 ? all : await keepLargest(source, density);
      const [a, b, scale] = [Math.fround(vlmWeight), Math.fround(lrmWeight), Math.fround(lambda)];
      yield* eachPiece(source.pieces(), ({ vlm, lrm, base }) => {
        for (let i = 0; i < vlm.length; i++) {
          const origin = base[i] as number;
          const seeing = Math.fround((vlm[i] as number) - origin);
          const reasoning = Math.fround((lrm[i] as number) - origin);
          const x = keepVlm(seeing) ? Math.fround(a * seeing) : 0;
          const y = keepLrm(reasoning) ? Math.fround(b * reasoning) : 0;
          const positive = Math.fround(x + y) >= 0;
          const [mx, my] = [positive ? x > 0 : x < 0, positive ? y > 0 : y < 0];
          const weight = Math.fround((mx ? a : 0) + (my ? b : 0));
          const mixed = Math.fround(Math.fround((mx ? x : 0) + (my ? y : 0)) / (weight === 0 ? 1 : weight));
          vlm[i] = origin + Math.fround(mixed * scale);
        }
        return vlm;
      });
    },
  },
});
