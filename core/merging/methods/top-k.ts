import { directions, eachSlot, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const topK = defineMethod({
  id: 'top-k',
  title: 'Top k',
  about: 'The k strongest subspaces of each matrix stay as they are, and the rest is dropped.',
  formula: 'W_v + λ · U_k diag(S_k) V_kᵀ',
  source: 'Eckart and Young, 1936; truncation of τ as in TSV-M (CVPR 2025) and STAR (NAACL 2025)',
  group: 'part',
  settings: { k: directions(32), lambda: lambda() },
  gates: {
    curves: eachSlot(
      (_slot, { k }) =>
        (_sigma, i) =>
          i < k ? 1 : 0,
    ),
  },
  stream: null,
});
