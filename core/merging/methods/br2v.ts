/** BR2V: a weighted mean of VLM and reasoning model, without their base, in float32. */
import { defineMethod } from '../method.ts';
import { weighted } from '../weighted.ts';

export const br2v = defineMethod({
  id: 'br2v',
  title: 'BR2V',
  about: 'The linear layers are a weighted mean of the two models; the base is not looked at.',
  formula: 'α W_v + (1 − α) W_lrm, linear layers only',
  source: 'Chen et al., “Bring Reason to Vision”, ICML 2025',
  group: 'blended',
  settings: {
    alpha: {
      symbol: 'α',
      label: 'weight of the VLM',
      help: 'The weight of the VLM; the reasoning model has the rest.',
      initial: 0.9,
      low: 0,
      high: 1,
      step: 0.05,
    },
  },
  gates: null,
  stream: {
    isNothing: ({ alpha }) => alpha === 1,
    // The VLM's weight is 1 − (1 − α), which need not be α to the last bit.
    merge: (source, { alpha }) => weighted(source, 1 - (1 - alpha), 1 - alpha),
  },
});
