import { eachSlot, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const topShare = defineMethod({
  id: 'top-share',
  title: 'Top share',
  about: 'The strongest share of the subspaces of each matrix stays, and the rest is dropped.',
  formula: 'W_v + λ · U_k diag(S_k) V_kᵀ, with k = share · rank, rounded, at least 1',
  source: 'Eckart and Young, 1936; truncation of τ as in TSV-M (CVPR 2025) and STAR (NAACL 2025)',
  group: 'part',
  settings: {
    share: {
      symbol: 'share',
      label: 'share',
      help: 'The share of each matrix’s rank that stays; at least one subspace does.',
      initial: 0.25,
      low: 0,
      high: 1,
      step: 0.05,
    },
    lambda: lambda(),
  },
  gates: {
    curves: eachSlot(({ singularValues }, { share }) => {
      const kept = Math.max(1, Math.round(share * singularValues.length));
      return (_sigma, i) => (i < kept ? 1 : 0);
    }),
  },
  stream: null,
});
